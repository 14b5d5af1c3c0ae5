import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { GatewayListenFailed } from './errors.ts'

/** Why the door itself closes a connection. */
export const doorRefusals = {
  'too-many-connections': 'the gateway has as many connections as it may have',
  'too-many-strangers': 'the address has too many connections that have not logged in',
  'login-late': 'no frame of a known station came in time',
  idle: 'nothing came for too long',
} as const satisfies Record<string, string>
export type DoorRefusal = keyof typeof doorRefusals

/** A connection that came in. */
export interface Visitor {
  wire: Duplex
  /** Peer address; IPv4 in its own form, also on a dual-stack listener. */
  address: string
  /** It has logged in: from now on only silence ends it. */
  known(): void
}

export interface TcpDoorParts {
  /** What is listened for, as people say it: `HJ 212`. */
  name: string
  maxConnections: number
  /** Most connections of one address that have not logged in. */
  maxStrangers: number
  /** How long a connection may take to log in, and how long it may be silent afterwards, ms. */
  loginWithinMs: number
  idleMs: number
  serve: (visitor: Visitor) => void
  onRefused: (reason: DoorRefusal, address: string) => void
}

/** A TCP listener with bounds: for all protocols whose devices connect to us. */
export interface TcpDoor {
  /** Port 0 takes a free one. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number>
  listening(): boolean
  /** Open connections. */
  connections(): number
  /** Takes no more connections; those that are open stay. Twice is once. */
  shut(): Promise<void>
  /** Shuts, and ends all connections. */
  close(): Promise<void>
}

export function createTcpDoor(parts: TcpDoorParts): TcpDoor {
  const { name, maxConnections, maxStrangers, loginWithinMs, idleMs, serve, onRefused } = parts
  const open = new Set<Socket>()
  /** Connections that have not logged in, by address. */
  const strangers = new Map<string, number>()
  let server: Server | null = null
  let ended: Promise<void> | null = null

  function count(address: string, by: 1 | -1): void {
    const left = (strangers.get(address) ?? 0) + by
    if (left > 0) strangers.set(address, left)
    else strangers.delete(address)
  }

  function take(socket: Socket): void {
    const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '')
    const end = (reason: DoorRefusal): void => {
      onRefused(reason, address)
      socket.destroy()
    }
    socket.on('error', () => undefined) // a line that breaks is closed, which is told below
    if (open.size >= maxConnections) return end('too-many-connections')
    if ((strangers.get(address) ?? 0) >= maxStrangers) return end('too-many-strangers')
    open.add(socket)
    count(address, 1)
    let isStranger = true
    const login = setTimeout(() => end('login-late'), loginWithinMs)
    const known = (): void => {
      if (!isStranger) return
      isStranger = false
      clearTimeout(login)
      count(address, -1)
    }
    socket.setTimeout(idleMs, () => end('idle'))
    socket.once('close', () => {
      open.delete(socket)
      known()
    })
    serve({ wire: socket, address, known })
  }

  const door: TcpDoor = {
    async listen(port, host) {
      const made = createServer({ noDelay: true }, take)
      await listening(made, name, port, host)
      server = made
      const address = made.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    listening: () => server?.listening ?? false,
    connections: () => open.size,
    shut() {
      ended ??= new Promise((resolve) => (server === null ? resolve() : server.close(() => resolve())))
      return Promise.resolve()
    },
    async close() {
      await door.shut()
      for (const socket of open) socket.destroy()
      await ended
    },
  }
  return door
}

function listening(server: Server, name: string, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const why = taken ? 'the port is taken; stop the other program or choose another port' : cause.message
      reject(new GatewayListenFailed(`listening for ${name} on ${host}:${port}: ${why}`, { taken, cause }))
    })
    server.listen(port, host, resolve)
  })
}
