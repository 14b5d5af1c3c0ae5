import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { Connections, type Connection, type ConnectionLimits, type ConnectionRefusal } from '../domain/connections.ts'

interface HttpConnectionParts {
  limits: ConnectionLimits
  /** How long a request of a stranger may take to arrive, ms: it holds a place of its address. */
  strangerMs: number
  /** A proxy whose connections bring many clients: of these only the number in all is bounded. */
  isProxy: (address: string) => boolean
  onRefused: (reason: ConnectionRefusal, address: string) => void
}

/** The bounds of connections over HTTP and HTTPS together. */
export interface HttpConnections {
  /** Stands before a listener: whoever comes in waits for its turn, unread. */
  guard(server: Server): void
  /** A login over the connection of a request was judged, or it serves MQTT from now on: it gives its turn to the next. */
  judged(request: IncomingMessage): void
  /** Open ones, those that wait included. */
  total(): number
  /** Ends those that wait: nobody is served any more. */
  dismiss(): void
}

interface Guest {
  connection: Connection
  socket: Socket
  isServed: boolean
  /** Requests over it that are not answered yet. */
  open: number
}

export function createHttpConnections(parts: HttpConnectionParts): HttpConnections {
  return new Guests(parts)
}

class Guests implements HttpConnections {
  readonly #connections: Connections
  readonly #isProxy: HttpConnectionParts['isProxy']
  readonly #strangerMs: number
  readonly #guests = new Map<string, Guest>()
  /** Strangers that were answered and say nothing, by address, the longest silent first. */
  readonly #idle = new Map<string, Set<Guest>>()

  constructor({ limits, strangerMs, isProxy, onRefused }: HttpConnectionParts) {
    this.#strangerMs = strangerMs
    this.#connections = new Connections(limits, onRefused)
    this.#isProxy = isProxy
  }

  guard(server: Server): void {
    const listeners = server.listeners('connection') as ((socket: Socket) => void)[]
    server.removeAllListeners('connection')
    // read by net.Server at each connection: what waits is left with the system
    Object.assign(server, { pauseOnConnect: true })
    server.on('connection', (socket: Socket) =>
      this.#take(socket, () => {
        for (const listener of listeners) listener.call(server, socket)
        socket.resume()
      }),
    )
    server.on('request', (request, answer) => {
      const key = keyOf(request.socket)
      this.#asked(key, 1)
      this.#hurry(key, request)
      answer.once('close', () => this.#asked(key, -1))
    })
  }

  judged({ socket }: IncomingMessage): void {
    this.#judge(keyOf(socket))
  }

  total(): number {
    return this.#connections.total
  }

  dismiss(): void {
    for (const { socket, isServed } of this.#guests.values()) if (!isServed) socket.destroy()
  }

  #take(socket: Socket, serve: () => void): void {
    const { remoteAddress: address = 'unknown' } = socket
    const key = keyOf(socket)
    socket.on('error', () => undefined)
    const served = (): void => {
      if (socket.destroyed) return
      guest.isServed = true
      serve()
    }
    const connection = this.#connections.admit(
      address,
      () => queueMicrotask(served),
      () => socket.destroy(),
    )
    const guest: Guest = { connection, socket, isServed: false, open: 0 }
    this.#guests.set(key, guest)
    socket.once('close', () => {
      this.#setIdle(guest, false)
      this.#guests.delete(key)
      connection.closed()
    })
    if (this.#isProxy(address)) this.#judge(key)
    else this.#makeRoom(address)
  }

  #judge(key: string): void {
    const guest = this.#guests.get(key)
    if (guest === undefined) return
    this.#setIdle(guest, false)
    guest.connection.known = true
    guest.connection.judged()
  }

  /** A silent stranger goes when somebody else of its address waits: browsers keep theirs open in case. */
  #makeRoom(address: string): void {
    const [silent] = this.#idle.get(address) ?? []
    if (this.#connections.waits(address)) silent?.socket.destroy()
  }

  /** A request came (1) or is over (-1). */
  #asked(key: string, by: 1 | -1): void {
    const guest = this.#guests.get(key)
    if (guest === undefined) return
    guest.open += by
    if (guest.connection.known) return
    this.#setIdle(guest, guest.open === 0)
    this.#makeRoom(guest.connection.address)
  }

  /** Its body has to arrive while it is a stranger; logins are judged before bodies are read. */
  #hurry(key: string, request: IncomingMessage): void {
    const guest = this.#guests.get(key)
    if (guest === undefined || guest.connection.known) return
    const timer = setTimeout(() => {
      if (!request.complete && !guest.connection.known) guest.socket.destroy()
    }, this.#strangerMs)
    request.once('close', () => clearTimeout(timer))
  }

  #setIdle(guest: Guest, isIdle: boolean): void {
    const { address } = guest.connection
    const there = this.#idle.get(address) ?? new Set<Guest>()
    if (isIdle) there.add(guest)
    else there.delete(guest)
    if (there.size > 0) this.#idle.set(address, there)
    else this.#idle.delete(address)
  }
}

/** The same for a socket and for the TLS over it. */
const keyOf = ({ remoteAddress, remotePort, localPort }: Socket): string => `${remoteAddress} ${remotePort} ${localPort}`
