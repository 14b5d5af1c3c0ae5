import type { SendCommand } from '../../domain/command.ts'
import type { Accept } from '../../domain/delivery.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { Identify } from '../../domain/identity.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import type { ConnectedStation, Timers } from '../line.ts'
import { Reception, type ReceptionFigures } from '../reception.ts'
import type { Refused } from '../refusals.ts'
import type { Szy206Config } from './config.ts'
import type { Szy206Refusal } from './refusals.ts'
import { openSzy206Session } from './session.ts'

export interface Szy206Parts {
  /** The journal. Awaited for every frame. */
  accept: Accept
  fleet: CurrentFleet
  config: Szy206Config
  now: () => number
  timers: Timers
  onRefused: (refused: Refused<Szy206Refusal>) => void
}

/** The gateway of SZY 206: stations connect to it. */
export interface Szy206Gateway {
  /** Port 0 takes a free one. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number>
  /** No request is described well enough: all are unsupported. */
  send: SendCommand
  /** Ends all lines of a station. */
  kick(device: DeviceId): void
  figures(): ReceptionFigures<Szy206Refusal>
  /** Takes what was read, then ends all lines. */
  close(): Promise<void>
}

export function createSzy206Gateway(parts: Szy206Parts): Szy206Gateway {
  const { accept, fleet, config, now, timers, onRefused } = parts
  const identify = withoutPassword(fleet)
  const reception = new Reception<Szy206Refusal, ConnectedStation>({
    ...{ name: 'SZY 206', fleet, now, timers, onRefused, config: { ...config, passwordTries: 1 } },
    senderOf: ({ szy206 }) => szy206?.address ?? null,
    open: (link, hosting) => openSzy206Session(link, { ...hosting, accept, identify, now, timers }),
  })
  return {
    listen: (port, host) => reception.listen(port, host),
    send: () => Promise.resolve({ outcome: 'unsupported', detail: 'no request of SZY 206 is described well enough to be sent' }),
    kick: (device) => reception.kick(device),
    figures: () => reception.figures(),
    async close() {
      await reception.drain()
      await reception.close()
    },
  }
}

/** The frames carry no password: a device is who its station address says, from an address of its own (which its entry must name). */
function withoutPassword(fleet: CurrentFleet): Identify {
  return (name) => {
    const device = fleet().devices.get(deviceId(name))
    return Promise.resolve(device?.szy206 ? { role: 'device', device: device.id, run: device.run } : null)
  }
}
