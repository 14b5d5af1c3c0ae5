import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Connections, type Connection, type ConnectionLimits } from '../domain/connections.ts'
import { ListenFailed } from './errors.ts'
import type { Proof } from './login.ts'
import type { Refusal, RefusalCounter } from './refusals.ts'
import { createTlsDoor, type TlsListener, type TlsOptions } from './tls.ts'
import { acceptWebSockets, type Gate, type Upgrade, type UpgradingServer } from './websocket.ts'

export interface DoorParts {
  limits: ConnectionLimits & { maxPacketBytes: number; maxFirstPacketBytes: number }
  refusals: RefusalCounter
  /** Takes over a connection when it is its turn. */
  serve: (wire: Duplex, connection: Connection, proof: Proof | null) => void
}

type Serve = (connection: Connection) => void

/** The ways into the broker: MQTT over TCP, over TLS and over WebSocket. Whoever comes in waits for its turn, unread. */
export class Doors {
  readonly #parts: DoorParts
  readonly #connections: Connections
  readonly #wires = new Set<Duplex>()
  readonly #servers: Server[] = []
  #detach: (() => void)[] = []
  #shut = false

  constructor(parts: DoorParts) {
    this.#parts = parts
    this.#connections = new Connections(parts.limits, (reason, address) =>
      parts.refusals.count({ reason, device: null, address, detail: '' }),
    )
  }

  /** A listener is open. */
  get isOpen(): boolean {
    return this.#servers.some((server) => server.listening)
  }

  /** Open connections, those that wait included. */
  get connections(): number {
    return this.#connections.total
  }

  /** Returns the port. Rejects with ListenFailed. */
  listenTcp(port: number, host: string): Promise<number> {
    return this.#listen(port, host, (socket) => this.#take(socket, addressOf(socket)))
  }

  async listenTls(port: number, host: string, { credentials, judge, asked }: TlsOptions): Promise<TlsListener> {
    const { limits, refusals, serve } = this.#parts
    const door = createTlsDoor(credentials, limits.waitMs)
    const shakeHands = (socket: Socket, connection: Connection): void => {
      const { address } = connection
      door.secure(socket, {
        done: (wire) => serve(wire, connection, { certificate: wire.getPeerX509Certificate()?.raw ?? null, asked, judge }),
        failed: (detail) => refusals.count({ reason: 'tls-handshake', device: null, address, detail }),
      })
    }
    const taken = await this.#listen(port, host, (socket) =>
      this.#take(socket, addressOf(socket), (connection) => shakeHands(socket, connection)),
    )
    return { port: taken, use: (renewed) => door.use(renewed) }
  }

  /** `proof` is what all have shown that come in here. */
  attach(server: UpgradingServer, path: string, gate: Gate, proof: Proof | null): void {
    const { limits, refusals, serve } = this.#parts
    const take = ({ socket, address, accept }: Upgrade): void =>
      this.#take(socket, address, (connection) =>
        accept(
          () => connection.known,
          (wire) => serve(wire, connection, proof),
        ),
      )
    const refused = (reason: Refusal, address: string, detail: string): void => refusals.count({ reason, device: null, address, detail })
    this.#detach.push(acceptWebSockets(server, { ...limits, path, gate, take, refused }))
  }

  /** Nobody comes in any more; resolves when all that are in have gone. */
  async shut(): Promise<void> {
    this.#shut = true
    for (const detach of this.#detach) detach()
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
  }

  /** Ends all connections. */
  cut(): void {
    for (const wire of this.#wires) wire.destroy()
  }

  async #listen(port: number, host: string, onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, onConnection)
    await listen(server, port, host)
    this.#servers.push(server)
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  /** `serve` when it is the turn of the connection. */
  #take(wire: Duplex, address: string, serve: Serve = (connection) => this.#parts.serve(wire, connection, null)): void {
    if (this.#shut) return void wire.destroy()
    this.#wires.add(wire)
    // Whoever waits for its turn may break off; the broker puts its own listener in place when it serves.
    wire.on('error', () => undefined)
    const connection = this.#connections.admit(
      address,
      () => queueMicrotask(() => wire.destroyed || serve(connection)),
      () => wire.destroy(),
    )
    wire.once('close', () => {
      connection.closed()
      this.#wires.delete(wire)
    })
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const why = taken ? 'the port is taken; stop the other program or choose another port' : `${cause.message}`
      reject(new ListenFailed(`listening for MQTT on ${host}:${port}: ${why}`, { taken, cause }))
    })
    server.listen(port, host, resolve)
  })
}

const addressOf = ({ remoteAddress = 'unknown' }: Socket): string => remoteAddress
