import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'

/** Room for the header of the largest packet. */
const headerRoom = 64

/** An HTTP or HTTPS server: what tells of upgrades. */
export type UpgradingServer = Pick<EventEmitter, 'on' | 'off' | 'listenerCount'>

/**
 * Takes WebSocket upgrades of one path with the sub-protocol `mqtt` (MQTT 3.1.1, chapter 6); other paths are left to others.
 * Returns the function that ends it.
 */
export function acceptWebSockets(
  server: UpgradingServer,
  path: string,
  maxPacketBytes: number,
  serve: (wire: Duplex, address: string) => void,
): () => void {
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
      serve(createWebSocketStream(webSocket), request.socket.remoteAddress ?? 'unknown')
    })
  }
  server.on('upgrade', upgrade)
  return () => {
    server.off('upgrade', upgrade)
    sockets.close()
  }
}
