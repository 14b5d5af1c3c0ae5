import Type from 'typebox'
import { levels, type Level } from '../../domain/warning.ts'
import type { RuleDefinition, Sensor, Station } from '../../domain/network.ts'
import { withChange, type Change, type Episode } from '../episode.ts'
import { lengthMs } from '../ladder-settings.ts'
import { boundTo, ruleKind, sensorsOf, type Place, type Sentences, type SilenceRule } from '../rule-kind.ts'
import { nounOf, span } from '../sentences.ts'

const minuteMs = 60_000
/** Intervals without a reading that make a silence. */
const patience = 3

const settings = Type.Object(
  {
    after: Type.Optional(Type.String({ description: 'how long nothing may be heard; 3 x every when left out' })),
    level: Type.Optional(
      Type.Unsafe<Level>({
        type: 'string',
        enum: [...levels],
        default: 'blue',
        description: 'level of the warning when no levels are given',
      }),
    ),
  },
  { additionalProperties: false },
)

/**
 * Nothing heard from a series (with `parameter`) or from a whole station (without) for longer than `after`. Levels, where given, are
 * minutes of silence. Judged by the clock of the fleet or the run, never by the data: silence depends on arrival.
 */
export const silence = ruleKind({
  kind: 'silence',
  settings,
  bind: (rule, given, place) => {
    const sensors = rule.parameter === null ? place.station.sensors : sensorsOf(rule, place.station)
    const groups = rule.parameter === null ? [sensors] : sensors.map((sensor) => [sensor])
    return groups.flatMap((group) => {
      const every = shortest(group)
      const afterMs = given.after === undefined ? (every ?? Infinity) * patience : lengthMs(given.after, Infinity)
      const steps = stepsOf(rule, afterMs, given.level ?? 'blue')
      return steps.length === 0 ? [] : [bindTo(rule, place, group, steps, every)]
    })
  },
})

/** What a rule of silence remembers. Plain JSON. */
export interface SilenceState {
  /** When the newest reading was measured; null = nothing was ever heard, which is no silence. */
  last: number | null
  episode: Episode | null
  /** True while the episode lasts. */
  open: boolean
}

export const unheard: SilenceState = { last: null, episode: null, open: false }

type Steps = SilenceRule['steps']

/**
 * Judges by the clock. `listeningSince`: when we began to listen (again): time in which we ourselves were away does not count. What is
 * decided carries the moment at which the silence became long enough, not the one at which somebody looked.
 */
export function judge(steps: Steps, state: SilenceState, now: number, listeningSince: number): SilenceState {
  const shortestMs = steps[0]?.afterMs ?? Infinity
  if (state.last === null || now - Math.max(state.last, listeningSince) < shortestMs) return state
  const episode = deepen(steps, state, now, listeningSince)
  return episode === state.episode ? state : { last: state.last, episode, open: true }
}

/**
 * Takes note of a reading measured at `at`. A stretch of silence before it is told even when nobody looked in time (`looksBack`, for
 * clocks that jump with the data); the silence ends unless the reading itself is so old that it goes on.
 */
export function hear(
  steps: Steps,
  state: SilenceState,
  { at, now, listeningSince, looksBack }: { at: number; now: number; listeningSince: number; looksBack: boolean },
): SilenceState {
  if (state.last !== null && at <= state.last) return state
  const shortestMs = steps[0]?.afterMs ?? Infinity
  const deepened = looksBack ? judge(steps, state, at, listeningSince) : state
  const { episode, open } = deepened
  if (!open || episode === null || now - at >= shortestMs) return { last: at, episode, open }
  const raisedAt = episode.changes.at(-1)?.at ?? at
  const evidence = evidenceOf(state.last ?? at, Math.max(at, raisedAt), null)
  return { last: at, episode: withChange(episode, { at: Math.max(at, raisedAt), level: null, evidence }), open: false }
}

function deepen(steps: Steps, { last, episode, open }: SilenceState, now: number, listeningSince: number): Episode | null {
  const heard = last ?? now
  const from = Math.max(heard, listeningSince)
  let result = open ? episode : null
  const reached = open ? steps.findIndex((each) => each.level === episode?.changes.at(-1)?.level) : -1
  for (const { level, afterMs } of steps.slice(reached + 1)) {
    if (now - from < afterMs) break
    const change: Change = { at: from + afterMs, level, evidence: evidenceOf(heard, from + afterMs, afterMs) }
    result = result ? withChange(result, change) : { onset: heard, changes: [change] }
  }
  return result ?? episode
}

/** No reading was there to trust: the window is the silence itself. */
function evidenceOf(from: number, to: number, limitMs: number | null): Change['evidence'] {
  const minutes = (ms: number): number => ms / minuteMs
  return {
    from,
    to,
    trusted: 0,
    rejected: 0,
    value: minutes(to - from),
    limit: limitMs === null ? null : minutes(limitMs),
    unit: 'min',
    figures: {},
  }
}

function stepsOf(rule: RuleDefinition, afterMs: number, level: Level): Steps {
  const written = levels.flatMap((each) => {
    const minutes = rule.levels[each]
    return typeof minutes === 'number' && minutes > 0 ? [{ level: each, afterMs: minutes * minuteMs }] : []
  })
  if (written.length > 0) return written.sort((a, b) => a.afterMs - b.afterMs)
  return Number.isFinite(afterMs) && afterMs > 0 ? [{ level, afterMs }] : []
}

const shortest = (sensors: readonly Sensor[]): number | null =>
  sensors.reduce<number | null>((least, { everyMs }) => (everyMs === null ? least : Math.min(least ?? Infinity, everyMs)), null)

function bindTo(rule: RuleDefinition, place: Place, group: readonly Sensor[], steps: Steps, everyMs: number | null): SilenceRule {
  const only = rule.parameter === null ? null : (group[0] ?? null)
  return {
    ...boundTo(rule, place, only?.id ?? null, { steps, everyMs, members: group.map((sensor) => sensor.id) }),
    drivenBy: 'clock',
    members: group.map((sensor) => sensor.id),
    steps,
    sentences: silenceSentences(place.station, only, everyMs),
  }
}

/** What a rule of silence says. */
export function silenceSentences(station: Pick<Station, 'name'>, sensor: Sensor | null, everyMs: number | null): Sentences {
  const from =
    sensor === null
      ? { en: `the station ${station.name.en}`, zh: station.name.zh }
      : { en: `the ${nounOf(sensor.parameter).en} of ${station.name.en}`, zh: `${station.name.zh}${nounOf(sensor.parameter).zh}` }
  const expected = everyMs === null ? null : span(everyMs)
  const silentFor = (change: Change) => span((change.evidence.value ?? 0) * minuteMs)
  return {
    why: (change) => {
      const lasted = silentFor(change)
      return {
        en: `Raised because nothing was heard of ${from.en} for ${lasted.en}${expected ? `; a reading is due every ${expected.en}` : ''}.`,
        zh: `触发原因：${from.zh}已 ${lasted.zh}没有数据${expected ? `，应每 ${expected.zh}一次` : ''}。`,
      }
    },
    clears: () => ({ en: 'Clears with the next reading.', zh: '收到新数据后解除。' }),
    cleared: (change) => {
      const lasted = silentFor(change)
      return { en: `Cleared by a reading after ${lasted.en} of silence.`, zh: `解除原因：静默 ${lasted.zh}后收到新数据。` }
    },
  }
}
