import type { Device, Sensor } from '../../domain/network.ts'
import type { Expectation } from '../truth/truth.ts'

/** What goes wrong, where in the chain it does, and what a good system does about it. */
interface FaultKind {
  /** `value`: the instrument; `clock`, `wire`, `line`: the device that sends what it shows. */
  at: 'value' | 'clock' | 'wire' | 'line'
  expects: Expectation
  /** One sentence for the list of `docs/simulator.md`. */
  what: string
}

/** Every fault that can be ordered. A new one is a line here and its effect in values.ts, clock.ts or wire.ts. */
export const faultKinds = {
  spike: { at: 'value', expects: 'suspect', what: 'single readings leave the line by `height`' },
  'flat-line': { at: 'value', expects: 'suspect', what: 'the instrument sticks at the value it had, or at `height`' },
  drift: { at: 'value', expects: 'suspect', what: 'it grows wrong evenly, by `height` at the end' },
  fouling: { at: 'value', expects: 'suspect', what: 'it grows wrong ever faster, by `height`, until somebody cleans it' },
  offset: { at: 'value', expects: 'suspect', what: 'it shows `height` too much, from one moment to the next' },
  'noise-burst': { at: 'value', expects: 'suspect', what: 'it shakes with a deviation of `height`' },
  quantisation: { at: 'value', expects: 'unharmed', what: 'it shows steps of `height` only' },
  'unit-slip': { at: 'value', expects: 'suspect', what: 'it shows hundredfold values: centimetres called metres' },
  'stuck-bucket': { at: 'value', expects: 'suspect', what: 'the bucket of a rain gauge does not tip' },
  'blocked-gauge': { at: 'value', expects: 'suspect', what: 'leaves in the funnel: a fifth of the rain comes through' },
  'counter-reset': { at: 'value', expects: 'unharmed', what: 'a growing count begins again at 0' },
  'out-of-water': { at: 'value', expects: 'suspect', what: 'the sensor hangs in the air and shows next to nothing' },
  ice: { at: 'value', expects: 'suspect', what: 'ice lifts the level by `height` and stills the sensor; December to February' },
  gap: { at: 'value', expects: 'gap', what: 'the sensor gives nothing' },
  'clock-skew': { at: 'clock', expects: 'unharmed', what: 'the clock is `height` s wrong' },
  'clock-drift': { at: 'clock', expects: 'unharmed', what: 'the clock runs away, by `height` s at the end' },
  'clock-reset': { at: 'clock', expects: 'quarantined', what: 'the clock began anew in 1970' },
  'wrong-zone': { at: 'clock', expects: 'unharmed', what: 'the clock is 8 h behind: local time written as if it were UTC of the far side' },
  duplicate: { at: 'wire', expects: 'duplicate', what: 'a message whose acknowledgement was lost is sent again' },
  reorder: { at: 'wire', expects: 'unharmed', what: 'the next message of the device overtakes it' },
  late: { at: 'wire', expects: 'unharmed', what: 'messages lie about for `height` h before they are sent' },
  truncated: { at: 'wire', expects: 'quarantined', what: 'the end of a message is cut off' },
  'wrong-unit': { at: 'wire', expects: 'quarantined', what: 'values say a unit that they cannot have' },
  'wrong-id': { at: 'wire', expects: 'quarantined', what: 'the device names a station that is not its own' },
  'dead-battery': { at: 'line', expects: 'gap', what: 'the battery is empty: nothing is measured' },
  'line-cut': {
    at: 'line',
    expects: 'unharmed',
    what: 'no connection: readings wait in the memory of the device, its oldest are lost when it is full',
  },
} as const satisfies Record<string, FaultKind>

export type FaultType = keyof typeof faultKinds
export const faultTypes = Object.keys(faultKinds) as FaultType[]

const levels = ['water_level', 'reservoir_level_upstream', 'water_depth']
/** Faults that only these instruments have. */
const only: Readonly<Partial<Record<FaultType, readonly string[]>>> = {
  'unit-slip': levels,
  'stuck-bucket': ['rainfall'],
  'blocked-gauge': ['rainfall'],
  'counter-reset': ['rainfall'],
  ice: ['water_level', 'reservoir_level_upstream'],
}
const hangsInAir = [
  ...['rainfall', 'rain_accumulated', 'pm2_5', 'pm10', 'no2', 'so2', 'o3', 'co', 'air_temperature', 'relative_humidity', 'wind_speed'],
  ...['noise_leq', 'soil_moisture_10cm', 'soil_temperature', 'gamma_dose_rate', 'wastewater_flow', 'water_flow'],
]
/** Faults that these never have. */
const never: Readonly<Partial<Record<FaultType, readonly string[]>>> = {
  // a gauge that sticks is one whose bucket does not tip
  'flat-line': ['rainfall', 'rain_accumulated'],
  'out-of-water': hangsInAir,
}

/** Whether the instrument of a parameter can have a fault at all. */
export const canStrike = (type: FaultType, parameter: string): boolean =>
  (only[type]?.includes(parameter) ?? true) && !(never[type]?.includes(parameter) ?? false)

/** Faults that somebody ordered: of one type, at some places, now and then or once. */
export interface FaultOrder {
  type: FaultType
  /** Station, `station/parameter`, or a device for what its clock and its wire do; `*` stands for any: `*\/water_level`. */
  where: string
  /** Share of these places that have it, 0..1. */
  share: number
  /** Once in every so many ms, at a moment that chance picks; null = once, at `at`. */
  everyMs: number | null
  /** Epoch ms; used without `everyMs`. */
  at: number
  lastsMs: number
  /** In the parameter's unit, give or take 30 %; null = as much as is usual. */
  height: number | null
}

/**
 * What cannot happen to a device of a field protocol: a frame that is cut, or names another station, is refused by the gateway and sent again,
 * not put aside; frames say no units; SL 651 writes the year with two digits and the time in minutes.
 */
const notInField: Readonly<Partial<Record<Device['protocol'], readonly FaultType[]>>> = {
  hj212: ['truncated', 'wrong-unit', 'wrong-id'],
  sl651: ['truncated', 'wrong-unit', 'wrong-id', 'clock-reset', 'wrong-zone'],
}

/** Of orders for clocks, wires and lines those that can happen to a device. */
export function ordersFor({ protocol }: Pick<Device, 'protocol'>, orders: readonly FaultOrder[]): readonly FaultOrder[] {
  const not = notInField[protocol]
  return not === undefined ? orders : orders.filter(({ type }) => !not.includes(type))
}

/** Of orders for instruments those that can happen to one; the others keep their place in the list, with a share of nothing. */
export function ordersForSensor({ from }: Pick<Sensor, 'from'>, orders: readonly FaultOrder[]): readonly FaultOrder[] {
  if (from === 'counter') return orders
  return orders.map((order) => (order.type === 'counter-reset' ? { ...order, share: 0 } : order))
}

/** One occurrence at one place. */
export interface FaultWindow {
  id: string
  type: FaultType
  /** [from, to), epoch ms. */
  from: number
  to: number
  height: number | null
  /** Chance of its own, 0..1. */
  draw: number
}
