import type { DeviceId } from '../../domain/ids.ts'
import type { Position, Reading, ReadingGroup } from '../../domain/reading.ts'
import type { FaultType, FaultWindow } from '../faults/fault.ts'
import type { PlaceFaults } from '../faults/schedule.ts'
import { rounded } from '../truth/events.ts'
import type { Outcome, TruthReading } from '../truth/truth.ts'
import type { SimulatedReading } from '../world/instruments.ts'
import { keyOf, uniform } from '../world/random.ts'
import { clockAt } from './clock.ts'
import type { Firmware } from './firmware.ts'
import { createRadio } from './radio.ts'
import type { HeldGroup, Transmission } from './wire.ts'

/** How a kind of devices sends. */
export interface Habits {
  /** Messages leave up to so many ms after their readings. */
  jitterMs: number
  /** Readings wait until the next multiple of so many ms; 0 = each leaves at once. */
  sendEveryMs: number
  /** What moves fast does not wait. */
  byException: boolean
  /** Groups that it holds without a connection. */
  memory: number
}

export interface LoggerParts {
  device: DeviceId
  habits: Habits
  firmware: Firmware
  /** Of its clock, its wire and its line. */
  faults: PlaceFaults
  seed: number
  /** Battery and signal at a moment; `drained` 0..1. */
  housekeeping: (at: number, drained: number) => NonNullable<ReadingGroup['housekeeping']>
  /** How long its radio tries until a message that leaves at a moment has got through, ms. */
  tryingMs: (at: number) => number
  /** Where a moving device is. */
  position: (at: number) => Position | null
}

/** The pure half of a simulated device: from what its instruments show to messages at moments of the simulation. */
export interface Logger {
  /** Takes what was measured since the last call and gives what leaves up to a moment, and what never will. In time order. */
  advance(readings: readonly SimulatedReading[], until: number): { sent: Transmission[]; lost: TruthReading[] }
}

const hour = 3_600_000
/** A battery shows for so long that it will be empty. */
const warningMs = 12 * hour

/** A data logger: it groups, stamps, holds, and sends. Made of its readings, the seed and the time alone; no network. */
export function createLogger(parts: LoggerParts): Logger {
  const { device, habits, faults, seed } = parts
  const { stamp = (at) => at, shown = (_, value) => value } = parts.firmware
  const shownOf = (reading: SimulatedReading): SimulatedReading => {
    const { sensor, value } = reading
    const as = value === null ? null : shown(sensor.parameter.key, value)
    return as === value ? reading : { ...reading, value: as }
  }
  const key = keyOf(device)
  const radio = createRadio(parts)
  const isFast = createException()
  let seq = 0
  const dueAt = (made: number, fast: boolean): number => {
    const jitter = Math.floor(uniform(seed, key, made) * habits.jitterMs)
    if (habits.sendEveryMs === 0 || fast) return made + jitter
    return Math.ceil(made / habits.sendEveryMs) * habits.sendEveryMs + jitter
  }
  const hold = (readings: readonly SimulatedReading[], made: number, lost: TruthReading[]): HeldGroup[] => {
    const windows = faults.at(made)
    const isDead = windows.some(({ type }) => type === 'dead-battery')
    const at = stamp(clockAt(made, windows))
    const truths = readings.map((reading) => truthOf(shownOf(reading), { device, at, windows: onTheWay(windows), isDead }))
    lost.push(...truths.filter(({ outcome }) => outcome === 'never sent'))
    const kept = truths.filter(({ outcome }) => outcome !== 'never sent')
    if (kept.length === 0) return []
    seq += 1
    const drained = 1 - untilDead(made) / warningMs
    const group: ReadingGroup = {
      at,
      seq,
      position: parts.position(made),
      readings: kept.map(asSent),
      housekeeping: parts.housekeeping(made, drained),
    }
    return [{ group, readings: kept, due: dueAt(made, habits.byException && isFast(readings)) }]
  }
  /** ms until the battery is empty, as far as it shows beforehand. */
  const untilDead = (at: number): number =>
    Math.min(warningMs, ...faults.beginning(at, at + warningMs).flatMap(({ type, from }) => (type === 'dead-battery' ? [from - at] : [])))
  return {
    advance(readings, until) {
      const lost: TruthReading[] = []
      for (const [made, own] of byTime(readings)) radio.take(hold(own, made, lost), lost)
      return { sent: radio.sendUntil(until), lost }
    },
  }
}

/** Faults that change the readings of a moment, beside those of their instruments. */
const stamping: readonly FaultType[] = ['clock-skew', 'clock-drift', 'clock-reset', 'wrong-zone', 'dead-battery']
const onTheWay = (windows: readonly FaultWindow[]): FaultWindow[] => windows.filter(({ type }) => stamping.includes(type))

function byTime(readings: readonly SimulatedReading[]): Map<number, SimulatedReading[]> {
  const groups = new Map<number, SimulatedReading[]>()
  for (const reading of readings) {
    const group = groups.get(reading.at)
    if (group === undefined) groups.set(reading.at, [reading])
    else group.push(reading)
  }
  return groups
}

interface Stamped {
  device: DeviceId
  at: number
  windows: readonly FaultWindow[]
  isDead: boolean
}

function truthOf({ sensor, at: made, value, truth, faults }: SimulatedReading, { device, at, windows, isDead }: Stamped): TruthReading {
  const counts = sensor.from === 'counter' && sensor.parameter.key === 'rainfall'
  const outcome: Outcome =
    isDead || value === null ? 'never sent' : windows.some(({ type }) => type === 'clock-reset') ? 'quarantined' : 'stored'
  // runs for every reading: written out, spreading is slow
  return {
    kind: 'reading',
    device,
    station: sensor.station,
    parameter: counts ? 'rain_accumulated' : sensor.parameter.key,
    number: sensor.number,
    at,
    value: isDead ? null : value,
    true: rounded(truth),
    made,
    sent: null,
    faults: faults.length + windows.length === 0 ? none : [...faults, ...windows].map(({ id }) => id),
    outcome,
  }
}

const none: string[] = []

/** A count of tips goes out under the name of what it counts. */
function asSent({ parameter, value }: TruthReading): Reading {
  const name = parameter === 'rain_accumulated' ? 'rainfall' : parameter
  return { name, number: null, station: null, value, unit: null, sourceQuality: null }
}

/** m and mm by which a value moves fast from one reading to the next. */
const fastSteps: ReadonlyMap<string, number> = new Map([
  ['water_level', 0.03],
  ['rainfall', 0.5],
  ['water_depth', 0.1],
])

/** Tells whether something moves so fast that it is reported at once. */
function createException(): (readings: readonly SimulatedReading[]) => boolean {
  const last = new Map<string, number>()
  return (readings) => {
    let fast = false
    for (const { sensor, value } of readings) {
      const step = fastSteps.get(sensor.parameter.key)
      if (step === undefined || value === null) continue
      const before = sensor.parameter.key === 'rainfall' && sensor.from === 'value' ? 0 : (last.get(sensor.id) ?? value)
      fast ||= Math.abs(value - before) >= step
      last.set(sensor.id, value)
    }
    return fast
  }
}
