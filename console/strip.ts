import type { LevelName } from '../api/schemas/words.ts'
import type { SimulationNote } from '../api/schemas/simulation.ts'
import type { JudgedWarning, StripPlaces, TrueEvent, TruthStrip } from '../api/schemas/simulation-score.ts'
import type { StripRow, StripSpan, TruthStripInput } from '../figures/truth-strip.ts'
import { dayAndClock } from '../figures/words.ts'
import type { PageContext } from './context.ts'
import { ruleName } from './score-words.ts'

/** Where a simulation took place: names and clock of its stations. */
export interface Places {
  zone: string
  nameOf: (station: string) => string
}

/** The places that a simulation tells of; those without a name are called by their id. */
export const placesIn = (places: StripPlaces | null, language: PageContext['language']): Places => ({
  zone: places?.zone ?? 'UTC',
  nameOf: (station) => places?.names[station]?.[language] ?? station,
})

/** The picture of truth against warnings: one row a rule. */
export function stripInput(
  { events, warnings }: TruthStrip,
  { title, start, end, at }: Pick<SimulationNote, 'title' | 'start' | 'end'> & { at: number | null },
  places: Places,
  page: PageContext,
): TruthStripInput {
  const { titles, say, verdict } = page.t.simulator
  const rules = [...new Set([...events.map(({ rule }) => rule), ...warnings.map(({ rule }) => rule)])]
  const words = (one: { rule: string; station: string; level: LevelName }, from: number, to: number | null): string =>
    say.event(
      ...[ruleName(one.rule, page), places.nameOf(one.station), page.t.level[one.level], moment(from, places, page)],
      to === null ? say.goesOn : moment(to, places, page),
    )
  const eventSpan = (event: TrueEvent): StripSpan => {
    const told = words(event, event.onset, event.end)
    const good = event.warning !== null
    return {
      from: event.onset,
      to: event.end,
      level: event.level,
      good,
      words: good ? told : at === null ? say.missed(told) : say.unwarned(told),
    }
  }
  const warningSpan = (one: JudgedWarning): StripSpan => ({
    ...{ from: one.raisedAt, to: one.endedAt, level: one.level, good: one.verdict !== 'false' },
    words: `${words(one, one.raisedAt, one.endedAt)} (${verdict[one.verdict]})`,
  })
  return {
    ...{ title: `${titles.strip}: ${title[page.language]}`, from: start, to: end, zone: places.zone, language: page.language },
    rows: rules.map((rule): StripRow => ({
      name: ruleName(rule, page),
      events: events.filter((event) => event.rule === rule).map(eventSpan),
      warnings: warnings.filter((warning) => warning.rule === rule).map(warningSpan),
    })),
    now: at === null ? null : { at, name: say.now },
    halves: say.halves,
    more: (count) => say.more(String(count)),
  }
}

const moment = (at: number, { zone }: Places, { language }: PageContext): string => dayAndClock(at, zone, language)

/** One line of the table that says the same. */
export interface StripLine {
  rule: string
  station: string
  level: LevelName
  /** Of the event; null where there was none. */
  from: number | null
  to: number | null
  warning: { id: string; at: number } | null
  verdict: JudgedWarning['verdict'] | 'missed' | 'unwarned'
}

/** Events with their first warnings, and the other warnings, in the order of time; while it runs, none is missed yet. */
export function stripLines({ events, warnings }: TruthStrip, isRunning = false): StripLine[] {
  const missed = isRunning ? 'unwarned' : 'missed'
  const byId = new Map(warnings.map((warning) => [warning.id, warning]))
  const ofEvents = events.map(({ rule, station, level, onset, end, warning }): StripLine & { at: number } => {
    const found = warning === null ? undefined : byId.get(warning)
    const told = warning === null ? null : { id: warning, at: found?.raisedAt ?? onset }
    return { rule, station, level, from: onset, to: end, warning: told, verdict: told === null ? missed : 'hit', at: onset }
  })
  const others = warnings
    .filter(({ verdict }) => verdict !== 'hit')
    .map(({ rule, station, level, id, raisedAt, verdict }): StripLine & { at: number } => ({
      ...{ rule, station, level, from: null, to: null, warning: { id, at: raisedAt }, verdict, at: raisedAt },
    }))
  return [...ofEvents, ...others].sort((a, b) => a.at - b.at).map(({ at: _, ...line }) => line)
}
