import type { LoadDevice } from './order.ts'

const prefix = 'dev-'
const idsOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}-${String(i).padStart(4, '0')}`)

/**
 * A network of n gauges, each with a device `dev-<station>`, and the rules that watch them: a level ladder and the rate of rise, on every
 * series.
 */
export function loadNetwork(name: string, stations: number, every = '1s'): unknown {
  const ids = idsOf(name, stations)
  return {
    network: { id: name, name: { en: 'Load', zh: '负载' }, timeZone: 'UTC', dayStartsAt: '00:00' },
    stations: ids.map((id) => ({
      id,
      name: { en: id, zh: id },
      kind: 'river',
      sensors: [{ parameter: 'water_level', every, stages: { warning: 3.9, guarantee: 4.5, record: 4.9 } }],
    })),
    devices: ids.map((id) => ({ id: `${prefix}${id}`, protocol: 'mqtt', stations: [id] })),
    rules: [
      {
        id: 'level-high',
        kind: 'threshold',
        parameter: 'water_level',
        levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
        hold: '15m',
        deadband: 0.1,
        clearAfter: '30m',
      },
      { id: 'level-rising', kind: 'rate-of-rise', parameter: 'water_level', levels: { yellow: 2 }, window: '30m' },
    ],
  }
}

/** The devices of such a network with the secrets that were made for them. */
export const devicesOf = (secrets: readonly { device: string; secret: string }[]): LoadDevice[] =>
  secrets.map(({ device, secret }) => ({
    client: device,
    login: { user: device, password: secret },
    topic: `devices/${device}/readings`,
    station: device.slice(prefix.length),
  }))

/** Devices for a broker that is not ours: all with the same login, or none. */
export const strangersOf = (name: string, count: number, login: LoadDevice['login'] = null): LoadDevice[] =>
  idsOf(name, count).map((station) => ({ client: station, login, topic: `devices/${station}/readings`, station }))
