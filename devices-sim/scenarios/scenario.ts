import Type, { type Static } from 'typebox'
import { parseDocument } from 'yaml'
import type { FileProblem } from '../../domain/errors.ts'
import { stationKinds } from '../../domain/network.ts'
import { checkShape } from '../../domain/shape.ts'
import { parseDuration } from '../../domain/time.ts'
import { ScenarioInvalid } from '../errors.ts'
import { faultTypes } from '../faults/fault.ts'
import { systemFaultTypes } from '../faults/system.ts'
import { substances } from '../world/amounts.ts'
import { happeningKinds, type HappeningKind } from '../world/happenings.ts'
import { checkSense } from './mistakes.ts'

const strict = { additionalProperties: false }
const optional = Type.Optional
const words = Type.Object({ en: Type.String(), zh: Type.String() }, { ...strict, description: 'the same in English and Chinese' })
const oneOf = <Word extends string>(all: readonly Word[], description: string) =>
  Type.Unsafe<Word>({ type: 'string', enum: [...all], description })
const span = (description: string) => Type.String({ description: `${description}, such as 90m or 6h` })
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })

const happeningSchema = Type.Object(
  {
    id: Type.String({ description: 'what the truth calls it' }),
    kind: oneOf(Object.keys(happeningKinds) as HappeningKind[], 'what happens'),
    place: optional(
      Type.Object(
        {
          kind: oneOf(stationKinds, 'kind of station'),
          nth: optional(Type.Integer({ minimum: 1, default: 1, description: 'which of them, from the mouth upward' })),
          above: optional(Type.String({ description: 'only those whose water passes next where this parameter is measured' })),
          high: optional(Type.Boolean({ description: 'true: counted from the hills downward' })),
        },
        { ...strict, description: 'where; left out: everywhere' },
      ),
    ),
    at: span('begins so long after the start'),
    lasts: span('ends so long after that'),
    size: Type.Number({ description: 'how much; its unit depends on the kind' }),
    substance: optional(
      oneOf(
        substances.filter((name) => name !== 'water'),
        'of a spill',
      ),
    ),
    centre: optional(
      Type.Array(Type.Number(), {
        minItems: 2,
        maxItems: 2,
        description: 'of a storm: share of the basin from west to east and from south to north',
      }),
    ),
    radius: optional(share('of a storm: share of the size of the basin')),
    drift: optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: 'of a storm: km/h to the east and to the north' })),
  },
  { ...strict, description: 'something that happens beside the weather' },
)

const faultSchema = Type.Object(
  {
    type: oneOf(faultTypes, 'what goes wrong'),
    where: optional(Type.String({ default: '*', description: 'station, station/parameter, or */parameter; * = any' })),
    share: optional(share('share of these places that have it')),
    every: optional(span('once in every')),
    at: optional(span('once, so long after the start')),
    lasts: span('lasts'),
    height: optional(Type.Number({ description: 'how wrong; left out: as wrong as is usual' })),
  },
  { ...strict, description: 'what goes wrong with instruments, clocks and wires' },
)

const systemSchema = Type.Object(
  {
    fault: oneOf(systemFaultTypes, 'what happens to the server'),
    at: span('so long after the start'),
    lasts: optional(span('ends so long after that (of a kill: so long readings count as touched by it; 5m)')),
  },
  { ...strict, description: 'what goes wrong with the system under test itself' },
)

const devicesSchema = Type.Object(
  {
    jitter: optional(span('messages leave up to so long after their readings')),
    sendEvery: optional(span('readings wait to be sent together; left out: each at once')),
    byException: optional(Type.Boolean({ description: 'true: what moves fast does not wait for that' })),
    memory: optional(Type.Integer({ minimum: 1, description: 'groups that a device holds without a connection' })),
    protocols: optional(
      Type.Object(
        {
          hj212: optional(share('share of the works that speak HJ 212 (0.5)')),
          sl651: optional(share('share of the gauges that speak SL 651 (0.3)')),
        },
        { ...strict, description: 'who speaks a field protocol, where the server listens for it' },
      ),
    ),
    firmwares: optional(Type.Boolean({ description: 'true: several firmwares that write times and units in their own ways' })),
  },
  { ...strict, description: 'how the devices send' },
)

/** A scenario file: what happens and what goes wrong, in times after its start. */
export const scenarioSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$', description: 'its name on the command line' }),
    title: words,
    about: words,
    lasts: span('how long it is'),
    prelude: optional(span('the first part, which is sent as fast as it is acknowledged at any speed')),
    stations: optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 60, description: 'stations of the basin' })),
    month: optional(Type.Integer({ minimum: 1, maximum: 12, description: 'month in which it starts, when no start is given' })),
    weather: optional(oneOf(['usual', 'calm'], 'calm: nothing but light rain beside the storms of the scenario')),
    happenings: optional(Type.Array(happeningSchema)),
    faults: optional(Type.Array(faultSchema)),
    system: optional(Type.Array(systemSchema)),
    devices: optional(devicesSchema),
  },
  strict,
)

export type Scenario = Static<typeof scenarioSchema>
export type ScenarioHappening = NonNullable<Scenario['happenings']>[number]
export type ScenarioFault = NonNullable<Scenario['faults']>[number]
export type ScenarioSystemFault = NonNullable<Scenario['system']>[number]

/** Reads a scenario from its YAML text. Throws ScenarioInvalid with every mistake that was found. */
export function readScenario(text: string, file: string): Scenario {
  const document = parseDocument(text, { prettyErrors: false })
  const problems: FileProblem[] = document.errors.map(({ message }) => ({ path: 'file', message: `not YAML: ${message}` }))
  const content: unknown = problems.length > 0 ? null : document.toJS({ maxAliasCount: 100 })
  const scenario = problems.length > 0 ? undefined : (checkShape(scenarioSchema, content, '', problems) as Scenario | undefined)
  if (scenario !== undefined && problems.length === 0) checkSpans(scenario, '', problems)
  if (scenario !== undefined && problems.length === 0) checkSense(scenario, problems)
  if (scenario === undefined || problems.length > 0) throw new ScenarioInvalid(file, problems)
  return scenario
}

const spans = new Set(['at', 'lasts', 'every', 'prelude', 'jitter', 'sendEvery'])

/** What lasts no time at all never is. */
const lasting = new Set(['lasts', 'every'])

/** Every length of time must be one. */
function checkSpans(value: unknown, path: string, problems: FileProblem[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const here = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    if (spans.has(key) && typeof inner === 'string' && parseDuration(inner) === null)
      problems.push({ path: here, message: `"${inner}" is not a length of time; write one such as 90m or 6h` })
    else if (lasting.has(key) && typeof inner === 'string' && parseDuration(inner) === 0)
      problems.push({ path: here, message: `"${inner}" is no time at all; write one such as 90m or 6h` })
    else checkSpans(inner, here, problems)
  }
}

/** A length of time of a scenario that was read, ms. */
export const spanMs = (text: string | undefined, byDefault = 0): number =>
  text === undefined ? byDefault : (parseDuration(text) ?? byDefault)
