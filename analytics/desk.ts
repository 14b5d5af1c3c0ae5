import type { WarningId } from '../domain/ids.ts'
import type { TimelineEntry, Warning } from '../domain/warning.ts'
import type { WarningStore } from '../store/ports/warnings.ts'
import type { Bindings } from './bindings.ts'
import { nextVersion, type Followed, type Pen } from './warnings.ts'
import type { BoundRule } from './rule-kind.ts'

export interface Acknowledgement {
  id: WarningId
  by: string
  note: string | null
  at: number
}

/**
 * Notes who took a warning over, as a new version on the pen. A warning that goes on under another id is acknowledged there. Twice is once:
 * what is acknowledged comes back as it is. Null when there is no such warning.
 */
export async function acknowledge(
  store: WarningStore,
  { bindings, pen }: { bindings: Bindings; pen: Pen },
  { id, by, note, at }: Acknowledgement,
): Promise<Warning | null> {
  const found = await newestForm(store, bindings, id)
  if (found === null || found.warning.marks.acknowledged !== null) return found?.warning ?? null
  const marked: Warning = { ...found.warning, marks: { ...found.warning.marks, acknowledged: { by, at, note } } }
  const line: TimelineEntry = {
    at,
    what: 'acknowledged',
    level: null,
    by,
    words: { en: `Acknowledged by ${by}${note ? `: ${note}` : ''}.`, zh: `${by} 已确认${note ? `：${note}` : ''}。` },
  }
  const version = found.followed
    ? nextVersion(found.rule, { ...found.followed, warning: marked }, line)
    : { ...marked, version: marked.version + 1, timeline: [...marked.timeline, line] }
  if (found.followed) found.followed.warning = version
  pen.written.push(version)
  return version
}

type Found = { warning: Warning; followed: Followed; rule: BoundRule } | { warning: Warning; followed: null; rule: null }

async function newestForm(store: WarningStore, bindings: Bindings, id: WarningId): Promise<Found | null> {
  const seen = new Set<WarningId>()
  for (let next = id; ;) {
    const found = followedBy(bindings, next) ?? (await keptAs(store, next))
    const { replacedBy } = found?.warning ?? {}
    seen.add(next)
    if (found === null || replacedBy === undefined || seen.has(replacedBy)) return found
    next = replacedBy
  }
}

function followedBy({ tracks }: Bindings, id: WarningId): Found | null {
  for (const { rule, followed } of tracks.values())
    for (const each of followed.values()) if (each.warning?.id === id) return { warning: each.warning, followed: each, rule }
  return null
}

async function keptAs(store: WarningStore, id: WarningId): Promise<Found | null> {
  const warning = await store.warning(id)
  return warning === null ? null : { warning, followed: null, rule: null }
}
