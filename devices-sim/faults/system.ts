import type { DeviceId } from '../../domain/ids.ts'
import type { Transmission } from '../logger/wire.ts'
import type { Expectation } from '../truth/truth.ts'
import { keyOf, uniform } from '../world/random.ts'
import type { FaultWindow } from './fault.ts'
import type { PlaceFaults } from './schedule.ts'

/** What happens to the system under test itself, not to its instruments and lines. A good system loses, doubles and doubts nothing by it. */
export const systemFaultKinds = {
  'broker-away': { what: 'no device reaches the server: the port that they know is closed and refuses' },
  'store-away': { what: 'the server does not reach its store' },
  sigkill: { what: 'the server is killed without warning (SIGKILL) and started again' },
} as const satisfies Record<string, { what: string }>

export type SystemFaultType = keyof typeof systemFaultKinds
export const systemFaultTypes = Object.keys(systemFaultKinds) as SystemFaultType[]
export const isSystemFault = (type: string): type is SystemFaultType => Object.hasOwn(systemFaultKinds, type)
export const systemExpects: Expectation = 'unharmed'

/** One fault of the system, [from, to), epoch ms. A kill is over at once; until `to` readings count as touched by it. */
export interface SystemFault {
  id: string
  type: SystemFaultType
  from: number
  to: number
}

/** A moment at which somebody has to do something to the system. */
export interface SystemChange {
  fault: SystemFault
  at: number
  begins: boolean
}

/** Who does it: who started the server, or stands between it and what it needs. */
export interface SystemHands {
  /** Null = this can be done here; else why not, one sentence. */
  refuses(type: SystemFaultType): string | null
  /** Resolves when it is done; a kill, when the server is there again. */
  begin(type: SystemFaultType): Promise<void>
  end(type: SystemFaultType): Promise<void>
}

/** What begins and ends in (from, to]; a kill only begins. In the order of time. */
export function systemChanges(faults: readonly SystemFault[], from: number, to: number): SystemChange[] {
  return faults
    .flatMap((fault): SystemChange[] => [
      { fault, at: fault.from, begins: true },
      ...(fault.type === 'sigkill' ? [] : [{ fault, at: fault.to, begins: false }]),
    ])
    .filter(({ at }) => from < at && at <= to)
    .sort((a, b) => a.at - b.at)
}

/** The faults of a device, and the server that it does not reach: for what it does with its readings, that is a cut line. */
export function withoutServer(faults: PlaceFaults, system: readonly SystemFault[], device: DeviceId, seed: number): PlaceFaults {
  const own = system.filter(({ type }) => type === 'broker-away').map((fault) => windowOf(fault, device, seed))
  if (own.length === 0) return faults
  return {
    at: (at) => {
      const away = own.filter(({ from, to }) => from <= at && at < to)
      return away.length === 0 ? faults.at(at) : [...faults.at(at), ...away]
    },
    beginning: (from, to) => faults.beginning(from, to),
  }
}

const windowOf = ({ id, from, to }: SystemFault, device: DeviceId, seed: number): FaultWindow => ({
  ...{ id, type: 'line-cut', from, to, height: null },
  draw: uniform(seed, keyOf(device), from, 11),
})

/** What leaves while the store is away, or just when the server is killed, is touched by it; a message that nobody could take has its mark already. */
export function touchedBy(faults: readonly SystemFault[], message: Transmission): Transmission {
  const own = faults.filter(({ type, from, to }) => type !== 'broker-away' && from <= message.at && message.at < to).map(({ id }) => id)
  if (own.length === 0) return message
  return { ...message, readings: message.readings.map((reading) => ({ ...reading, faults: [...reading.faults, ...own] })) }
}
