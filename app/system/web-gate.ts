import type { IncomingMessage } from 'node:http'
import type { HttpConnections } from '../../api/connections.ts'
import { createUpgradeGuard } from '../../api/guards.ts'
import { createProxies } from '../../api/proxies.ts'
import type { Gate } from '../../broker/websocket.ts'
import type { Settings } from '../config/all.ts'

/** Names, beside localhost, that the server has for HTTP. */
export const hostsOf = ({ api, tls }: Settings): string[] => [...api.hosts, ...tls.names]

/** Who may open MQTT over WebSocket: the guards of the HTTP routes stand before it. From then on the broker counts the connection. */
export function gateOf(settings: Settings, loopback: boolean, connections: HttpConnections): Gate {
  const mayUpgrade = createUpgradeGuard(loopback, hostsOf(settings))
  const { clientOf } = createProxies(settings.api.trustedProxies)
  const admits = (request: IncomingMessage): boolean => {
    connections.judged(request)
    return mayUpgrade(request.headers)
  }
  return { admits, addressOf: clientOf }
}
