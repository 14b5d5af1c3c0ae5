import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws'

/** Room for the header of the largest packet. */
const headerRoom = 64

/** An HTTP or HTTPS server: what tells of upgrades. */
export type UpgradingServer = Pick<EventEmitter, 'on' | 'off' | 'listenerCount'>

export interface WebSocketParts {
  path: string
  maxPacketBytes: number
  serve: (wire: Duplex, address: string) => void
  /** A text frame came: its bytes are not read, and its connection ends. */
  onText: (address: string) => void
}

/**
 * Takes WebSocket upgrades of one path with the sub-protocol `mqtt` (MQTT 3.1.1, chapter 6); other paths are left to others.
 * Returns the function that ends it.
 */
export function acceptWebSockets(server: UpgradingServer, { path, maxPacketBytes, serve, onText }: WebSocketParts): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxPacketBytes + headerRoom,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false),
  })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?')[0] !== path) {
      if (server.listenerCount('upgrade') === 1) socket.destroy()
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const address = request.socket.remoteAddress ?? 'unknown'
      serve(
        binaryOnly(webSocket, () => onText(address)),
        address,
      )
    })
  }
  server.on('upgrade', upgrade)
  return () => {
    server.off('upgrade', upgrade)
    sockets.close()
  }
}

/** The socket as a stream. ws hands the bytes of text frames on like those of binary ones; here they end the connection (MQTT-6.0.0-1). */
function binaryOnly(webSocket: WebSocket, onText: () => void): Duplex {
  const wire = createWebSocketStream(webSocket)
  const take = webSocket.listeners('message')
  webSocket.removeAllListeners('message')
  webSocket.on('message', (data, isBinary) => {
    if (isBinary) for (const listener of take) listener.call(webSocket, data, isBinary)
    else if (!wire.destroyed) {
      onText()
      wire.destroy()
    }
  })
  return wire
}
