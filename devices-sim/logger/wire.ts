import type { DeviceId } from '../../domain/ids.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { FaultType, FaultWindow } from '../faults/fault.ts'
import type { Outcome, TruthReading } from '../truth/truth.ts'
import { plainFirmware, type Firmware } from './firmware.ts'

/** Readings of one moment in the memory of a device. */
export interface HeldGroup {
  group: ReadingGroup
  /** Not sent yet, with what the faults so far make of them. */
  readings: readonly TruthReading[]
  /** When it may leave. */
  due: number
}

/** One message as it leaves, with what is known of it. */
export interface Transmission {
  device: DeviceId
  /** Moment of the simulation. */
  at: number
  topic: string
  payload: string
  /** Values that a server counts in it: one where it cannot be read. */
  values: number
  readings: readonly TruthReading[]
}

/** Groups that are about to leave in one message. */
export interface Launch {
  device: DeviceId
  firmware: Firmware
  groups: readonly HeldGroup[]
  at: number
  /** Faults that hold, and chance for what they do, 0..1. */
  windows: readonly FaultWindow[]
  chance: number
  /** Another message has gone before it by this fault. */
  overtaken?: FaultWindow
}

const [minute, hour] = [60_000, 3_600_000]

/** One message, or two where it is sent twice, as the faults of the wire make it. */
export function throughWire(launch: Launch): Transmission[] {
  const { at, firmware, chance } = launch
  const groups = launch.groups.map(({ group }) => group)
  const fault = (type: FaultType): FaultWindow | undefined => launch.windows.find((window) => window.type === type)
  const garbled = garble(launch, fault)
  if (garbled !== null) return [garbled]
  const text = firmware.encode(groups)
  const late = fault('late')
  const delay = late ? Math.round((late.height ?? 3) * hour) : 0
  const first = message(launch, firmware, text, { at: at + delay, by: late ?? launch.overtaken })
  const again = fault('duplicate')
  if (!again) return [first]
  return [
    first,
    message(launch, firmware, text, { at: at + delay + (5 + Math.floor(chance * 20)) * minute, by: again, outcome: 'duplicate' }),
  ]
}

/** Whether a message waits for the next one to overtake it: by this fault. One that is late or that nobody can read has its own trouble. */
export function overtakenBy({ windows }: Launch): FaultWindow | undefined {
  const others: readonly FaultType[] = ['late', 'truncated', 'wrong-unit', 'wrong-id']
  return windows.some(({ type }) => others.includes(type)) ? undefined : windows.find(({ type }) => type === 'reorder')
}

/** The message where nobody can read it right; null where it is sound. */
function garble(launch: Launch, fault: (type: FaultType) => FaultWindow | undefined): Transmission | null {
  const { at, firmware, chance } = launch
  const groups = launch.groups.map(({ group }) => group)
  const changed = (change: (reading: Reading) => Reading): string =>
    plainFirmware.encode(groups.map((group) => ({ ...group, housekeeping: [], readings: group.readings.map(change) })))
  const wrongUnit = fault('wrong-unit')
  if (wrongUnit)
    return message(
      launch,
      plainFirmware,
      changed((one) => ({ ...one, unit: 'kg' })),
      { at, by: wrongUnit, outcome: 'quarantined' },
    )
  const wrongId = fault('wrong-id')
  if (wrongId)
    return message(
      launch,
      plainFirmware,
      changed((one) => ({ ...one, station: 'elsewhere' })),
      { at, by: wrongId, outcome: 'quarantined' },
    )
  const truncated = fault('truncated')
  if (!truncated) return null
  const text = firmware.encode(groups)
  return message(launch, firmware, text.slice(0, Math.floor(text.length * (0.3 + 0.6 * chance))), {
    at,
    by: truncated,
    outcome: 'quarantined',
  })
}

interface Fate {
  at: number
  by: FaultWindow | undefined
  outcome?: Outcome
}

function message({ device, groups }: Launch, wire: Firmware, payload: string, { at, by, outcome }: Fate): Transmission {
  const readings = groups.flatMap((held) => held.readings.map((reading) => sentAs(reading, at, by, outcome)))
  const topic = wire.topic.includes('/') ? wire.topic : `devices/${device}/${wire.topic}`
  return { device, at, topic, payload, readings, values: by?.type === 'truncated' ? 1 : readings.length }
}

/** The same message at another moment. */
export function sentAt(one: Transmission, at: number): Transmission {
  return one.at === at ? one : { ...one, at, readings: one.readings.map((reading) => ({ ...reading, sent: at })) }
}

/** Runs for every reading: copied by hand, spreading is slow. */
function sentAs(reading: TruthReading, at: number, by: FaultWindow | undefined, outcome: Outcome | undefined): TruthReading {
  const { kind, device, station, parameter, number, value, made, faults } = reading
  return {
    kind,
    device,
    station,
    parameter,
    number,
    at: reading.at,
    value,
    true: reading.true,
    made,
    sent: at,
    faults: by === undefined ? faults : [...faults, by.id],
    outcome: outcome === undefined || reading.outcome === 'quarantined' ? reading.outcome : outcome,
  }
}
