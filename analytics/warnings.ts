import { warningId, type RuleId, type WarningId } from '../domain/ids.ts'
import type { Level, TimelineEntry, Warning, WarningMarks, Words } from '../domain/warning.ts'
import type { Grounds } from './decision.ts'
import { endOf, lastChange, levelOf, standingChange, type Episode } from './episode.ts'
import { levelBefore, type BoundRule } from './rule-kind.ts'
import { levelName, span } from './sentences.ts'

/** Readings or a rule that are no more: why a warning ended without the water having gone back. */
export interface Gone {
  /** Event time at which it was known, epoch ms. */
  at: number
  words: Words
  replacedBy: WarningId | null
}

/** One warning as the watch follows it. All but `warning` follows from the readings and the clock, so that a replay gives it again. */
export interface Followed {
  episode: Episode
  blind: boolean
  retrospective: boolean
  gone: Gone | null
  replaces: WarningId | null
  /** What raised it; null = not known. */
  grounds: Grounds | null
  /** The newest version; null while what is kept already is being caught up with. */
  warning: Warning | null
}

/** Where new versions of warnings are written down until they are kept. */
export interface Pen {
  /** True while commits are read again whose warnings are kept already: nothing is written. */
  silent: boolean
  written: Warning[]
}

/** Rule, series (or station) and onset, with `~` between: the same in every replay, and fit for URLs, topics and CAP. */
export function warningIdOf(rule: BoundRule, onset: number): WarningId {
  const place = (rule.series ?? rule.station.id).replaceAll('/', '~')
  const time = new Date(onset).toISOString().replace(/[-:]|\.000/g, '')
  return warningId(`${rule.rule.id satisfies RuleId}~${place}~${time}`)
}

/** Does it last? */
export function isOpen(followed: Followed): boolean {
  return followed.gone === null && endOf(followed.episode) === null
}

/** Writes the next version of a warning as it now stands. `note`: a line of its story that the readings do not tell. */
export function write(pen: Pen, rule: BoundRule, followed: Followed, note: TimelineEntry | null = null): void {
  if (pen.silent) return
  const warning = nextVersion(rule, followed, note)
  followed.warning = warning
  pen.written.push(warning)
}

/** The version after the newest one. Pure. */
export function nextVersion(rule: BoundRule, followed: Followed, note: TimelineEntry | null = null): Warning {
  const { episode, gone, grounds, warning: before } = followed
  const decided = before === null ? grounds && { ...grounds, keptAt: null } : before.decided
  const notes = [...(before?.timeline.filter(isNote) ?? []), ...(note === null ? [] : [note])]
  const end = gone?.at ?? endOf(episode)
  const last = lastChange(episode)
  const standing = standingChange(episode)
  return {
    id: warningIdOf(rule, episode.onset),
    version: (before?.version ?? 0) + 1,
    rule: rule.rule.id,
    ruleVersion: rule.version,
    kind: rule.rule.kind,
    station: rule.station.id,
    series: rule.series,
    level: levelOf(episode),
    state: gone !== null ? 'expired' : end === null ? 'active' : 'cleared',
    marks: marksOf(followed),
    run: rule.run,
    onset: episode.onset,
    raisedAt: episode.changes[0].at,
    changedAt: Math.max(last.at, gone?.at ?? -Infinity, ...notes.filter(isOfTheWater).map((entry) => entry.at)),
    endedAt: end,
    evidence: last.evidence,
    ...(decided && { decided }),
    why: rule.sentences.why(standing, levelBefore(episode, standing)),
    clears: gone?.words ?? (end === null ? rule.sentences.clears(levelOf(episode)) : rule.sentences.cleared(last)),
    timeline: timelineOf(rule, followed, notes),
    ...(followed.replaces !== null && { replaces: followed.replaces }),
    ...(gone?.replacedBy && { replacedBy: gone.replacedBy }),
  }
}

function marksOf({ blind, retrospective, warning }: Followed): WarningMarks {
  return { acknowledged: warning?.marks.acknowledged ?? null, blind, retrospective, drill: warning?.marks.drill ?? false }
}

const told = new Set<TimelineEntry['what']>(['blind', 'seen-again', 'acknowledged', 'notified'])

/** A line that the readings do not tell: it stays from version to version. */
const isNote = (entry: TimelineEntry): boolean => told.has(entry.what)
const isOfTheWater = (entry: TimelineEntry): boolean => entry.what === 'blind' || entry.what === 'seen-again'

function timelineOf(rule: BoundRule, { episode, gone }: Followed, notes: readonly TimelineEntry[]): TimelineEntry[] {
  const line = (at: number, what: TimelineEntry['what'], level: Level | null, words: Words): TimelineEntry => ({
    at,
    what,
    level,
    by: null,
    words,
  })
  const changes = episode.changes.map((change, i) => {
    const before = levelBefore(episode, change)
    if (change.level === null) return line(change.at, 'cleared', null, rule.sentences.cleared(change))
    const what = i === 0 ? 'raised' : change.level === before ? 'revised' : 'level'
    return line(change.at, what, change.level, rule.sentences.why(change, before))
  })
  const story = [line(episode.onset, 'crossed', episode.changes[0].level, crossed(rule)), ...changes]
  if (gone !== null) story.push(line(gone.at, 'expired', null, gone.words))
  return [...story, ...notes]
    .map((entry, i) => ({ entry, i }))
    .sort((a, b) => a.entry.at - b.entry.at || a.i - b.i)
    .map(({ entry }) => entry)
}

function crossed(rule: BoundRule): Words {
  if (rule.drivenBy === 'clock') return { en: 'Last reading before the silence.', zh: '静默前的最后一次数据。' }
  if (rule.drivenBy === 'job') return { en: 'Trend found.', zh: '发现趋势。' }
  return { en: 'First reading beyond the limit.', zh: '首次读数越限。' }
}

/** What the watch adds to a warning's story. */
export const notes = {
  blind: (at: number, silentMs: number): TimelineEntry => {
    const { en, zh } = span(silentMs)
    return entry(at, 'blind', {
      en: `Station silent for ${en} while under warning. Warning kept.`,
      zh: `预警期间站点已静默 ${zh}，预警保持。`,
    })
  },
  seenAgain: (at: number, silentMs: number): TimelineEntry => {
    const { en, zh } = span(silentMs)
    return entry(at, 'seen-again', { en: `Readings again after ${en} of silence.`, zh: `静默 ${zh}后恢复数据。` })
  },
  stillHolds: (at: number, level: Level): TimelineEntry => {
    const { en, zh } = levelName(level)
    return entry(at, 'seen-again', {
      en: `A live reading shows that it is not over; it stands at ${en}.`,
      zh: `实时数据表明预警尚未结束，当前为${zh}。`,
    })
  },
} as const

const entry = (at: number, what: TimelineEntry['what'], words: Words): TimelineEntry => ({ at, what, level: null, by: null, words })

/** Why a warning ended although nothing cleared it. */
export const endings = {
  withdrawn: {
    en: 'Withdrawn: later readings or a later judgement of quality took away the readings it rested on.',
    zh: '已撤销：后续到达的数据或质量判定否定了其所依据的读数。',
  },
  replaced: (by: WarningId): Words => ({
    en: `Continued as ${by}: readings that came late moved its beginning.`,
    zh: `由 ${by} 接续：迟到的数据改变了起始时间。`,
  }),
  ruleGone: {
    en: 'Ended because the rule was changed or taken away; nothing is known of the water.',
    zh: '因规则被修改或删除而终止，不代表水情已经好转。',
  },
} as const
