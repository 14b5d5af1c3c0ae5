import type { DeviceId, ParameterKey, RuleId, RunId, SensorId, StationId } from './ids.ts'
import type { Parameter } from './parameter.ts'
import type { Statistic } from './sampling.ts'
import type { Flag } from './flag.ts'
import type { Level, RuleKind, Words } from './warning.ts'

export const stationKinds = [
  'river',
  'reservoir',
  'lake',
  'rain',
  'water-source',
  'abstraction',
  'outfall',
  'sea',
  'air',
  'noise',
  'soil',
  'radiation',
  'hazard',
  'mobile',
] as const
export type StationKind = (typeof stationKinds)[number]

/** Surface-water class of GB 3838-2002. */
export type WaterClass = 'I' | 'II' | 'III' | 'IV' | 'V'

/** Named limits of one sensor in the parameter's unit: warning 警戒, guarantee 保证, record 历史最高; any other name is allowed. */
export type Stages = ReadonlyMap<string, number>

/** Station + parameter + number: one series. */
export interface Sensor {
  id: SensorId
  station: StationId
  parameter: Parameter
  number: number
  /** Expected interval between readings, ms; null = irregular. */
  everyMs: number | null
  /** What its values stand for; null = not said: see `fits` in sampling.ts. */
  statistic: Statistic | null
  /** `counter`: the device sends a growing count, the increment is derived. */
  from: 'value' | 'counter'
  /** mm (or the parameter's unit) for each tip of a counter. */
  perTip: number | null
  /** Counter modulus, for roll-over. */
  modulus: number | null
  stages: Stages
  /** Site range in the parameter's unit, which wins over the catalogue's gross range. */
  range: { fail: readonly [number, number] | null; suspect: readonly [number, number] | null }
  /** How late a reading may be and still change flags and warnings, ms. */
  latenessMs: number
}

export interface Reach {
  downstream: StationId
  travelTimeMs: number | null
  lengthKm: number | null
}

/** Allowed load or volume of an outfall or abstraction, a year. */
export interface Permit {
  parameter: ParameterKey | null
  /** kg (load) or m3 (volume) a year. */
  amount: number
  unit: 'kg' | 'm3'
}

/** Water function zone 水功能区 with its target class. */
export interface Zone {
  name: Words
  targetClass: WaterClass | null
}

export interface Station {
  id: StationId
  name: Words
  kind: StationKind
  /** Degrees, WGS 84; null for a moving or unlocated station. */
  location: { lon: number; lat: number } | null
  reach: Reach | null
  targetClass: WaterClass | null
  zone: Zone | null
  permit: Permit | null
  sensors: readonly Sensor[]
  network: string
}

/** How a device writes its times when it does not write an offset. */
export interface DeviceClock {
  /** Fixed offset or IANA zone of times without an offset; null = such times are quarantined. */
  zone: string | null
  /** The device may send no time at all. */
  none: boolean
}

/** How a device speaks HJ 212. Its password and its SM4 keys are no part of it. */
export interface Hj212Settings {
  /** The MN of its frames, as it sends it. */
  mn: string
  /** `modbus`: its frames carry that CRC, against the standard. */
  crc: 'hj212' | 'modbus'
  /** How the encrypted data area of the 2025 edition stands on its wire (unverified, hj212.md); null = it sends plain text. */
  sm4: 'bytes' | 'hex' | 'braces' | null
}

/** How a station speaks SL 651. Its password is no part of it. */
export interface Sl651Settings {
  /** Station address: ten HEX digits in capitals. */
  address: string
  /** `M1`: it waits for no confirmation and gets none. */
  mode: 'M1' | 'M2'
  /** Confirmations say ESC instead of EOT: it stays connected for requests. */
  stayOnline: boolean
  /** m that the 5-minute levels (DRZ1) are above; null = they are no series of their own (unverified, docs/sl651.md). */
  levelBase: number | null
  /**
   * How a request for a period (38H) names the element: by identifier alone, or with its definition byte (both unverified); null = it is not asked.
   */
  periodQuery: 'identifier' | 'definition' | null
  /** Its configuration (40H to 43H) may be asked and set in the form that its answers have (unverified). */
  settings: boolean
}

/** How a station speaks SZY 206. Its frames carry no password. What is not verified is off unless it stands here (docs/szy206.md). */
export interface Szy206Settings {
  /** Station address: ten HEX digits in capitals, as its five bytes come. */
  address: string
  /** `bare`: what is kept is answered by a frame of data type 0 without data; null = no answer. */
  confirm: 'bare' | null
  /** Decimals of its levels; null = levels are not read. */
  levelDecimals: number | null
  /** Values of AA bytes alone are missing ones; else they are no numbers. */
  missingAA: boolean
}

/** The wires that devices speak: MQTT, and the field protocols by their folder in gateways/. */
export const protocols = ['mqtt', 'hj212', 'sl651', 'szy206'] as const
export type Protocol = (typeof protocols)[number]
export type FieldProtocol = Exclude<Protocol, 'mqtt'>

export interface Device {
  id: DeviceId
  protocol: Protocol
  stations: readonly StationId[]
  /** The ids of its stations begin with it, and the device names them without it; left out: it names them as they are. */
  stationPrefix?: string
  /** The device's own names -> series. */
  channels: ReadonlyMap<string, SensorId>
  clock: DeviceClock
  /** Parameter key -> unit in which the device sends it (UCUM), where it is another than its field protocol's. */
  units: ReadonlyMap<string, string>
  /** Addresses and networks (CIDR) that it may speak from; empty = any. For field protocols. */
  addresses: readonly string[]
  /** Null for devices of other protocols. */
  hj212: Hj212Settings | null
  /** Null for devices of other protocols. */
  sl651: Sl651Settings | null
  /** Null for devices of other protocols. */
  szy206: Szy206Settings | null
  /** The simulation or replay that made it; null = a real device. */
  run: RunId | null
  network: string
}

/** What all rule kinds share; the rest is checked by the kind's own schema in analytics/rules. */
export interface RuleDefinition {
  id: RuleId
  kind: RuleKind
  parameter: ParameterKey | null
  /** null = every station of the network that has the parameter. */
  stations: readonly StationId[] | null
  network: string
  /** Flags it acts on; default by kind (design: level rules 1, 2 and a 3 that only rate of change set; others 1 and 2). */
  trusts: readonly Flag[] | null
  /** Limits by level: a number in the parameter's unit or `stage.<name>`. */
  levels: Partial<Record<Level, number | string>>
  /** All other settings of the kind as written, durations already in ms under their name + `Ms`. */
  settings: Readonly<Record<string, unknown>>
}

/** One YAML file: the real fleet, or a simulated one. */
export interface Network {
  id: string
  name: Words
  /** IANA zone of its days. */
  timeZone: string
  /** Start of the hydrological day, minutes after local midnight. */
  dayStartsAtMinutes: number
  /** What it reports was measured once and is replayed; false for a real fleet and a simulated one. */
  recorded: boolean
  stations: readonly Station[]
  devices: readonly Device[]
  rules: readonly RuleDefinition[]
  /** File it was read from, or null when it came over the API. Files win: what a file declares is read-only in the console. */
  file: string | null
  /** Set on networks that a simulation or replay made. */
  run: RunId | null
}
