import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** An address that a relay leads to. */
export interface Place {
  host: string
  port: number
}

/** A port of our own on 127.0.0.1 before somebody else's: while it is closed, whoever knows only this port finds nobody. */
export interface Relay {
  port: number
  /** Breaks every connection and refuses new ones, as a server that is gone does. Twice is once. */
  close(): Promise<void>
  /** Lets connections in again, at the same port. Twice is once. */
  open(): Promise<void>
}

/** Opens a relay. `target` is asked for at each connection; one that nobody answers there breaks at once. */
export async function openRelay(target: () => Place): Promise<Relay> {
  const pairs = new Set<Socket>()
  let server: Server | null = null
  const listen = async (port: number): Promise<number> => {
    server = createServer((inner) => join(inner, connect(target()), pairs)).listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  return {
    port,
    async close() {
      if (server === null) return
      const closed = once(server, 'close')
      server.close()
      server = null
      for (const socket of pairs) socket.destroy()
      await closed
    },
    async open() {
      if (server === null) await listen(port)
    },
  }
}

/** Two sockets that live and die together. */
function join(inner: Socket, outer: Socket, pairs: Set<Socket>): void {
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    pairs.add(one)
    one.setNoDelay(true)
    one.pipe(other)
    one.on('error', () => undefined) // its close follows
    one.on('close', () => {
      pairs.delete(one)
      other.destroy()
    })
  }
}
