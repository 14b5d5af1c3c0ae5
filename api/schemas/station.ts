import Type from 'typebox'
import { protocols, stationKinds } from '../../domain/network.ts'
import { LevelName, Moment, nullable, RuleKindName, RunName, WarningStateName, Words } from './words.ts'
import { DayCells, SeriesDetail, SeriesSummary } from './series.ts'

/** A network: the fleet of one file or one run, with its own clock and day. */
export const NetworkNote = Type.Object({
  id: Type.String(),
  name: Words,
  timeZone: Type.String({ description: 'IANA zone of its days' }),
  dayStartsAtMinutes: Type.Integer({ description: 'Start of the hydrological day, minutes after local midnight' }),
  run: RunName,
  simulated: Type.Boolean(),
  recorded: Type.Boolean({ description: 'Simulated only in that it is replayed: it was measured once' }),
  now: Type.Integer({ description: 'The clock its ages are told by: ours, or that of the run; epoch ms' }),
  catchingUp: Type.Boolean({ description: 'Its past is still being sent; it lives at our time afterwards' }),
  file: nullable(Type.String({ description: 'The file that declares it; null = made over the API' })),
})
export type NetworkNote = Type.Static<typeof NetworkNote>

/** A warning that is pending or active, as a station's row shows it. */
export const OpenWarning = Type.Object({
  id: Type.String(),
  rule: Type.String(),
  kind: RuleKindName,
  series: nullable(Type.String()),
  level: LevelName,
  state: WarningStateName,
  acknowledged: Type.Boolean(),
  blind: Type.Boolean(),
  raisedAt: nullable(Moment),
  why: Words,
})
export type OpenWarning = Type.Static<typeof OpenWarning>

export const StationStateName = Type.Enum(['reporting', 'silent', 'never'], {
  description: 'never: nothing came yet; silent: every regular series has been quiet for more than three intervals',
})

/** A station as a list and a map show it. */
export const StationSummary = Type.Object({
  id: Type.String(),
  name: Words,
  kind: Type.Enum([...stationKinds]),
  location: nullable(Type.Object({ lon: Type.Number(), lat: Type.Number() })),
  network: Type.String(),
  run: RunName,
  simulated: Type.Boolean({ description: 'True when it has a run: never to be taken for a real one' }),
  recorded: Type.Boolean({ description: 'True when its run replays recorded readings' }),
  downstream: nullable(Type.String({ description: 'The next station down the river' })),
  targetClass: nullable(Type.Enum(['I', 'II', 'III', 'IV', 'V'], { description: 'Target water class, GB 3838-2002' })),
  state: StationStateName,
  level: nullable(LevelName),
  warnings: Type.Array(OpenWarning, { description: 'Pending and active, highest level first' }),
  lead: nullable(
    Type.String({ description: 'The series to show first: that of the highest warning, else the first with stages, else the first' }),
  ),
  series: Type.Array(SeriesSummary),
  cells: nullable(DayCells),
  completeness: nullable(Type.Number({ description: 'Mean over the regular series of the last 24 h, 0 to 1' })),
  lastReceivedAt: nullable(Moment),
})
export type StationSummary = Type.Static<typeof StationSummary>

/** GET /stations */
export const StationList = Type.Object({
  now: Moment,
  networks: Type.Array(NetworkNote),
  counts: Type.Object({
    stations: Type.Integer(),
    reporting: Type.Integer(),
    silent: Type.Integer(),
    never: Type.Integer(),
    warnings: Type.Integer({ description: 'Active' }),
    unacknowledged: Type.Integer({ description: 'Active and not acknowledged' }),
    completeness: nullable(Type.Number()),
  }),
  lastReceivedAt: nullable(Moment),
  stations: Type.Array(StationSummary),
})
export type StationList = Type.Static<typeof StationList>

/** A station beside this one on the river. */
export const Neighbour = Type.Object({
  id: Type.String(),
  name: Words,
  travelTimeMs: nullable(Type.Number()),
  lengthKm: nullable(Type.Number()),
})
export type Neighbour = Type.Static<typeof Neighbour>

/** GET /stations/{id} */
export const StationDetail = Type.Object({
  now: Moment,
  network: NetworkNote,
  station: StationSummary,
  series: Type.Array(SeriesDetail, { description: 'The sensors with their last readings and 48 half-hour cells' }),
  upstream: Type.Array(Neighbour),
  downstream: nullable(Neighbour),
  devices: Type.Array(Type.Object({ id: Type.String(), protocol: Type.Enum([...protocols]) }), {
    description: 'Devices that serve it, and the wire each speaks',
  }),
  zone: nullable(Type.Object({ name: Words, targetClass: nullable(Type.String()) })),
  permit: nullable(Type.Object({ parameter: nullable(Type.String()), amount: Type.Number(), unit: Type.Enum(['kg', 'm3']) })),
})
export type StationDetail = Type.Static<typeof StationDetail>
