import type { WarningId } from '../../domain/ids.ts'
import type { Warning } from '../../domain/warning.ts'
import type { Ledger } from '../ports/ledger.ts'
import type { WarningQuery, WarningStore } from '../ports/warnings.ts'

export function createMemoryWarnings(ledger: Ledger): WarningStore {
  const kept = new Map<WarningId, Map<number, Warning>>()
  const versions = (id: WarningId): Warning[] => [...(kept.get(id)?.values() ?? [])].sort((a, b) => a.version - b.version)
  const current = (): Warning[] => [...kept.keys()].flatMap((id) => versions(id).at(-1) ?? [])
  return {
    putWarnings: async (incoming, progress) => {
      for (const warning of incoming) {
        const known = kept.get(warning.id) ?? new Map<number, Warning>()
        if (!known.has(warning.version)) known.set(warning.version, structuredClone(warning))
        kept.set(warning.id, known)
      }
      if (progress) await ledger.moveReader(progress.reader, progress.commit)
    },
    warnings: async (query) =>
      current()
        .filter((warning) => matches(warning, query))
        .sort((a, b) => b.onset - a.onset || (a.id < b.id ? -1 : 1))
        .slice(0, query.limit)
        .map((warning) => structuredClone(warning)),
    warning: async (id) => structuredClone(versions(id).at(-1) ?? null),
    warningVersions: async (id) => structuredClone(versions(id)),
  }
}

function matches(warning: Warning, { states, stations, since, acknowledged }: WarningQuery): boolean {
  if (states && !states.includes(warning.state)) return false
  if (stations && !stations.includes(warning.station)) return false
  if (since !== undefined && warning.changedAt < since) return false
  return acknowledged === undefined || (warning.marks.acknowledged !== null) === acknowledged
}
