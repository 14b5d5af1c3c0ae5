import Type from 'typebox'
import { protocols, stationKinds } from './network.ts'
import { statistics } from './sampling.ts'
import { levels } from './warning.ts'

const id = (description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    description: `${description} (letters, digits, ".", "_" and "-", at most 64, the first a letter or digit)`,
  })

const oneOf = <Word extends string>(words: readonly Word[], options: { description: string; default?: Word }) =>
  Type.Unsafe<Word>({ type: 'string', enum: [...words], ...options })

const strict = { additionalProperties: false }
const optional = Type.Optional

/** `Qingxi`, or one text for each language. */
const words = (description: string) =>
  Type.Union([Type.String(), Type.Object({ en: Type.String(), zh: Type.String() }, { ...strict, description })], { description })

const duration = (description: string) => Type.String({ description: `${description}, such as 5m, 1h30m, 7d` })

/** A number in the parameter's unit, or a text with a unit that fits it. */
const quantity = (description: string) =>
  Type.Union([Type.Number(), Type.String()], { description: `${description}; a number in the parameter's unit, or a text such as "10 ft"` })

const range = (description: string) => Type.Array(quantity('an end'), { minItems: 2, maxItems: 2, description })

const waterClass = (description: string) => oneOf(['I', 'II', 'III', 'IV', 'V'], { description })

const sensorSchema = Type.Object(
  {
    parameter: Type.String({ description: 'key of the parameter catalogue, e.g. water_level' }),
    number: optional(Type.Integer({ minimum: 1, maximum: 9999, default: 1, description: 'tells several sensors of one parameter apart' })),
    every: optional(duration('expected interval between readings; left out for an irregular series')),
    stages: optional(
      Type.Record(Type.String(), quantity('a limit'), { description: 'named limits: warning, guarantee, record, or names of your own' }),
    ),
    range: optional(
      Type.Object(
        {
          fail: optional(range('outside it a value is flagged fail; both ends belong to it')),
          suspect: optional(range('outside it a value is flagged suspect')),
        },
        { ...strict, description: 'site range, wins over the catalogue' },
      ),
    ),
    statistic: optional(
      oneOf(statistics, {
        description: 'what its values stand for, where a field protocol tells; left out: values of moments, means from every: 1h on',
      }),
    ),
    from: optional(
      oneOf(['value', 'counter'], { default: 'value', description: 'counter: the device sends a growing count, the increment is derived' }),
    ),
    perTip: optional(Type.Number({ minimum: 0, description: "amount of one tip of a counter, in mm or the parameter's unit" })),
    modulus: optional(Type.Number({ minimum: 0, description: 'value at which the counter begins again at 0' })),
    lateness: optional(
      Type.String({ default: '24h', description: 'how late a reading may be and still change flags and warnings, such as 24h' }),
    ),
  },
  { ...strict, description: 'one series: parameter and number at this station' },
)

const stationSchema = Type.Object(
  {
    id: id('what the station is called in topics and addresses'),
    name: optional(words('name of the station; the id when left out')),
    kind: oneOf(stationKinds, { description: 'what stands there' }),
    location: optional(
      Type.Object(
        {
          lon: Type.Number({ minimum: -180, maximum: 180, description: 'degrees east' }),
          lat: Type.Number({ minimum: -90, maximum: 90, description: 'degrees north' }),
        },
        { ...strict, description: 'WGS 84; left out for a moving or unlocated station' },
      ),
    ),
    reach: optional(
      Type.Object(
        {
          downstream: Type.String({ description: 'id of the next station downstream' }),
          travelTime: optional(duration('time the water takes to it')),
          length: optional(Type.String({ description: 'way of the water to it, such as 18 km' })),
        },
        { ...strict, description: 'where the water goes from here' },
      ),
    ),
    targetClass: optional(waterClass('class of GB 3838-2002 that the water must keep')),
    zone: optional(
      Type.Object(
        { name: words('name of the zone'), targetClass: optional(waterClass('class the zone must keep')) },
        { ...strict, description: 'water function zone' },
      ),
    ),
    permit: optional(
      Type.Object(
        {
          parameter: optional(Type.String({ description: 'whose load is allowed; left out for a volume of water' })),
          amount: Type.Number({ minimum: 0, description: 'allowed in a year' }),
          unit: oneOf(['kg', 'm3'], { description: 'kg for a load, m3 for a volume' }),
        },
        { ...strict, description: 'allowed load or volume of an outfall or abstraction, a year' },
      ),
    ),
    sensors: Type.Array(sensorSchema, { description: 'what is measured there' }),
  },
  { ...strict, description: 'a place' },
)

const hj212Schema = Type.Object(
  {
    mn: Type.String({ pattern: '^[\\x21-\\x3a\\x3c-\\x7e]{1,40}$', description: 'the MN of its frames (at most 40 characters, no ";")' }),
    crc: optional(oneOf(['hj212', 'modbus'], { default: 'hj212', description: 'modbus: its frames carry that CRC, against the standard' })),
    sm4: optional(
      oneOf(['bytes', 'hex', 'braces'], {
        description: 'how the encrypted data area of the 2025 edition stands on its wire (unverified); left out: plain text',
      }),
    ),
  },
  { ...strict, description: 'how it speaks HJ 212' },
)

const sl651Schema = Type.Object(
  {
    address: Type.String({
      pattern: '^[0-9A-Fa-f]{10}$',
      description: 'station address of its frames, ten digits: "0012345678" (in quotes)',
    }),
    mode: optional(oneOf(['M1', 'M2'], { default: 'M2', description: 'M1: it waits for no confirmation and gets none' })),
    stayOnline: optional(
      Type.Boolean({ default: false, description: 'confirmations ask it to stay connected (ESC instead of EOT), so that it can be asked' }),
    ),
    levelBase: optional(
      Type.Number({ description: 'm that its 5-minute levels (DRZ1) count from (unverified); left out: they need a channel DRZ1' }),
    ),
    periodQuery: optional(
      oneOf(['identifier', 'definition'], {
        description:
          'how a request for a period (38H) names the element: by identifier, or with its definition byte as well (unverified); left out: it is not asked',
      }),
    ),
    settings: optional(
      Type.Boolean({
        default: false,
        description: 'requests 40H to 43H may be sent, in the form that the answers to them have (unverified)',
      }),
    ),
  },
  { ...strict, description: 'how it speaks SL 651' },
)

const szy206Schema = Type.Object(
  {
    address: Type.String({
      pattern: '^[0-9A-Fa-f]{10}$',
      description: 'station address of its frames, ten HEX digits as its five bytes come: "4406070001" (in quotes)',
    }),
    confirm: optional(
      oneOf(['bare'], { description: 'answer what is kept with a frame of data type 0 without data (unverified); left out: no answer' }),
    ),
    levelDecimals: optional(
      Type.Integer({ minimum: 0, maximum: 6, description: 'decimals of its levels (unverified); left out: levels are not read' }),
    ),
    missingAA: optional(
      Type.Boolean({ default: false, description: 'a value of AA bytes alone is a missing one (unverified); else it is no number' }),
    ),
  },
  { ...strict, description: 'how it speaks SZY 206' },
)

/** One device of a network file; also what the api takes for one. */
export const deviceSchema = Type.Object(
  {
    id: id('the login; also the name in its topics'),
    protocol: optional(oneOf(protocols, { default: 'mqtt', description: 'the wire it speaks' })),
    stations: Type.Array(Type.String(), { minItems: 1, description: 'stations it serves' }),
    stationPrefix: optional(
      Type.String({
        maxLength: 64,
        description: 'the ids of its stations begin with it, and it names them without it: so a replay lives beside what it replays',
      }),
    ),
    channels: optional(
      Type.Record(Type.String(), Type.String(), { description: "the device's own names -> station/parameter or station/parameter/number" }),
    ),
    clock: optional(
      Type.Object(
        {
          zone: optional(Type.String({ description: 'zone of times that it writes without an offset: Asia/Shanghai or +08:00' })),
          none: optional(Type.Boolean({ default: false, description: 'it may send no time at all: the time of arrival is taken' })),
        },
        { ...strict, description: 'how it writes times without an offset' },
      ),
    ),
    units: optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'parameter -> unit in which it sends it, where that is another than its payload or field protocol says: { pm2_5: ug/m3 }',
      }),
    ),
    addresses: optional(
      Type.Array(Type.String(), { description: 'addresses or networks that it may speak from: 10.1.2.3, 10.1.0.0/16; left out: any' }),
    ),
    hj212: optional(hj212Schema),
    sl651: optional(sl651Schema),
    szy206: optional(szy206Schema),
  },
  { ...strict, description: 'a login and a wire' },
)

/** Kind-specific settings stand beside these keys; each kind checks its own (analytics/rules). */
const ruleSchema = Type.Object(
  {
    id: id('what the rule is called'),
    kind: oneOf(['threshold', 'rate-of-rise', 'rain-accumulation', 'silence', 'trend'], { description: 'what it looks at' }),
    parameter: optional(Type.String({ description: 'key of the parameter catalogue' })),
    stations: optional(
      Type.Array(Type.String(), { minItems: 1, description: 'where it holds; left out: wherever the parameter is measured' }),
    ),
    levels: optional(
      Type.Object(Object.fromEntries(levels.map((level) => [level, optional(Type.Union([Type.Number(), Type.String()]))])), {
        ...strict,
        description: 'limit of each level: a number, or stage.<name> of the sensor',
      }),
    ),
    trusts: optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 9 }), {
        minItems: 1,
        description: 'quality flags that it acts on: 1 good, 2 not evaluated, 3 suspect',
      }),
    ),
  },
  { description: 'when to warn' },
)

/** One network file: the real fleet, or a simulated one. docs/network.md explains each key with examples. */
export const networkSchema = Type.Object(
  {
    network: Type.Object(
      {
        id: id('what the network is called'),
        name: optional(words('name of the network; the id when left out')),
        timeZone: Type.String({ description: 'zone of its days, such as Asia/Shanghai' }),
        dayStartsAt: optional(
          Type.String({
            pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
            default: '00:00',
            description: 'local time at which its day begins, such as "08:00"',
          }),
        ),
        recorded: optional(Type.Boolean({ default: false, description: 'true: what it reports is a replay of recorded readings' })),
      },
      { ...strict, description: 'the network itself' },
    ),
    stations: Type.Array(stationSchema, { description: 'its stations' }),
    devices: optional(Type.Array(deviceSchema, { description: 'the devices that report' })),
    rules: optional(Type.Array(ruleSchema, { description: 'when to warn' })),
  },
  strict,
)

type Written = Type.Static<typeof networkSchema>

/** A rule as it is written: the settings of its kind stand beside what all kinds share. */
export type RuleFile = NonNullable<Written['rules']>[number] & { [setting: string]: unknown }
export type NetworkFile = Omit<Written, 'rules'> & { rules?: RuleFile[] }

/** What is left of a file after checkShape took away what was wrong. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? (Loose<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T

/** A device as it is written. */
export type DeviceFile = Type.Static<typeof deviceSchema>

export type LooseNetwork = Loose<Written>
type Entry<List> = NonNullable<NonNullable<List> extends readonly (infer Item)[] ? Item : never>
export type LooseStation = Entry<LooseNetwork['stations']>
export type LooseSensor = Entry<LooseStation['sensors']>
export type LooseDevice = Entry<LooseNetwork['devices']>
export type LooseRule = Entry<LooseNetwork['rules']>
