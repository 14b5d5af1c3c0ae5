import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'
import type { Refusal } from './refusals.ts'
import { UnfinishedMessage } from './unfinished-message.ts'

/** Room for the header of the largest packet. */
const headerRoom = 64
/** Frames of one message, and pieces of it as the network brings them: one of 256 kB comes in about 200 pieces of a packet each. */
const [mostFragments, mostPieces] = [64, 1_024]

const forbidden = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** An HTTP or HTTPS server: what tells of upgrades. */
export type UpgradingServer = Pick<EventEmitter, 'on' | 'off' | 'listenerCount'>

/** Who may upgrade: what stands before the routes of the same server. */
export interface Gate {
  /** False for a request that asks for another host or comes from a page of another site. */
  admits(request: IncomingMessage): boolean
  /** The address of the client, also behind a proxy that is trusted. */
  addressOf(request: IncomingMessage): string
}

/** One who wants in: its turn comes before the handshake, so that nothing of it is read until then. */
export interface Upgrade {
  socket: Duplex
  address: string
  /** Shakes hands; `served` gets the stream of the messages. `isKnown` tells when the login was right: messages may then be larger. */
  accept(isKnown: () => boolean, served: (wire: Duplex) => void): void
}

export interface WebSocketParts {
  path: string
  maxPacketBytes: number
  /** Largest message before the login. */
  maxFirstPacketBytes: number
  gate: Gate
  take: (upgrade: Upgrade) => void
  /** Its bytes are not read, and its connection ends. */
  refused: (reason: Refusal, address: string, detail: string) => void
}

/**
 * Takes WebSocket upgrades of one path with the sub-protocol `mqtt` (MQTT 3.1.1, chapter 6); other paths are left to others.
 * Returns the function that ends it.
 */
export function acceptWebSockets(server: UpgradingServer, parts: WebSocketParts): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: parts.maxPacketBytes + headerRoom,
    maxFragments: mostFragments,
    maxBufferedChunks: mostPieces,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?')[0] !== parts.path) {
      if (server.listenerCount('upgrade') === 1) socket.destroy()
      return
    }
    const address = parts.gate.addressOf(request)
    socket.on('error', () => undefined)
    if (!parts.gate.admits(request)) {
      parts.refused('foreign-page', address, request.headers.origin ?? request.headers.host ?? '')
      return void socket.end(forbidden, () => socket.destroy())
    }
    const early = silentUntilServed(socket, () => parts.refused('too-early', address, ''))
    if (head.length > 0) return early.came()
    const accept: Upgrade['accept'] = (isKnown, served) => {
      early.over()
      sockets.handleUpgrade(request, socket, Buffer.alloc(0), (webSocket) => served(openWire(webSocket, socket, address, isKnown, parts)))
    }
    parts.take({ socket, address, accept })
  }
  server.on('upgrade', upgrade)
  return () => {
    server.off('upgrade', upgrade)
    sockets.close()
  }
}

/** A client sends nothing before its handshake is answered (RFC 6455, 4.1); one that does is cut off, and nothing of it is kept. */
function silentUntilServed(socket: Duplex, onEarly: () => void): { came: () => void; over: () => void } {
  const came = (): void => {
    onEarly()
    socket.destroy()
  }
  socket.once('data', came)
  return { came, over: () => void socket.off('data', came) }
}

/** The messages as a stream. ws hands the bytes of text frames on like those of binary ones; here they end the connection (MQTT-6.0.0-1). */
function openWire(
  webSocket: WebSocket,
  socket: Duplex,
  address: string,
  isKnown: () => boolean,
  { maxFirstPacketBytes, refused }: WebSocketParts,
): Duplex {
  const wire = createWebSocketStream(webSocket)
  const take = webSocket.listeners('message')
  const end = (reason: Refusal, detail = ''): void => {
    if (wire.destroyed) return
    refused(reason, address, detail)
    wire.destroy()
  }
  webSocket.removeAllListeners('message')
  webSocket.on('message', (data, isBinary) => {
    if (isBinary) for (const listener of take) listener.call(webSocket, data, isBinary)
    else end('text-frame')
  })
  webSocket.prependListener('error', (error: NodeJS.ErrnoException) => end(reasonOf(error.code), error.message))
  const first = new UnfinishedMessage(maxFirstPacketBytes + headerRoom)
  const watch = (piece: Buffer): void => {
    if (isKnown()) return void socket.off('data', watch)
    const reason = first.add(piece)
    if (reason !== null) end(reason)
  }
  socket.on('data', watch)
  return wire
}

/** What ws refuses (RFC 6455). */
function reasonOf(code = ''): Refusal {
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'packet-too-large'
  return code.startsWith('WS_ERR_TOO_MANY') ? 'fragments' : 'websocket-malformed'
}
