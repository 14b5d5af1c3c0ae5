import { createHmac } from 'node:crypto'

/**
 * Reads a secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. Null when it is none.
 */
export function secretBytes(secret: string): Buffer | null {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  if (text === undefined || text.length % 4 !== 0) return null
  const bytes = Buffer.from(text, 'base64')
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : null
}

/**
 * The value of `webhook-signature`: for each secret `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`, joined by spaces, so
 * that a receiver may check with either while a secret is being changed (Standard Webhooks, "Signature scheme").
 * @param timestamp epoch seconds
 */
export function signatures(secrets: readonly Buffer[], id: string, timestamp: number, body: string): string {
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`).join(' ')
}
