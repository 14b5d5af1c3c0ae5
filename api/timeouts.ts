/** How long the head and body of a request may take, for an HTTP or HTTPS server: slow senders hold no socket. Node looks once a second. */
export const requestTimeouts = (withinMs: number) => ({
  requestTimeout: withinMs,
  headersTimeout: withinMs,
  connectionsCheckingInterval: Math.min(1_000, withinMs),
})
