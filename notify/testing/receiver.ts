import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  headers: IncomingHttpHeaders
  body: string
}

/** A receiver on this machine that answers as it is told, and remembers what it got. */
export interface Receiver {
  url: string
  received: Received[]
  /** How the next requests are answered; `stall`: not at all. */
  answer: number | 'stall' | ((response: ServerResponse) => void)
  close(): Promise<void>
}

export async function receiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      got.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      if (got.answer === 'stall') return
      if (typeof got.answer === 'function') got.answer(response)
      else response.writeHead(got.answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const got: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    answer: 204,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return got
}
