import type { Warning } from '../../domain/warning.ts'
import type { WarningQuery, WarningStore } from '../ports/warnings.ts'
import type { Live } from './live.ts'
import { writeReader } from './readers.ts'
import { shapes } from './schema.ts'
import type { Cell, Parameter, Session } from './session.ts'

/** Warnings of one file: every version, and beside them the newest of each for lists. */
export function createWarnings(live: Live): WarningStore {
  const read = async (sql: string, parameters: readonly Parameter[]): Promise<Warning[]> => {
    const { engine } = await live.opened()
    const rows = await engine.read('reading warnings', (session) => session.rows(sql, parameters))
    return rows.map(([body]) => JSON.parse(String(body)) as Warning)
  }
  return {
    putWarnings: async (versions, progress) => {
      if (versions.length === 0 && progress === null) return
      const { engine, state } = await live.opened()
      await engine.transact(
        `keeping ${versions.length} warnings`,
        async (session) => {
          await putVersions(session, versions)
          return progress === null ? null : writeReader(session, state, progress.reader, progress.commit)
        },
        (moved) => moved?.(),
      )
    },
    warnings: (query) => (query.states?.length === 0 ? Promise.resolve([]) : read(list, listParameters(query))),
    warning: async (id) => (await read('SELECT body FROM warning WHERE id = $1', [id]))[0] ?? null,
    warningVersions: (id) => read('SELECT body FROM warning_version WHERE id = $1 ORDER BY version', [id]),
  }
}

const list = `SELECT body FROM warning
  WHERE ($1::VARCHAR IS NULL OR state IN (SELECT unnest(string_split($1, ' ')))) AND ($2::VARCHAR[] IS NULL OR station IN (SELECT unnest($2::VARCHAR[])))
    AND ($3::BIGINT IS NULL OR changed_at >= $3) AND ($4::BOOLEAN IS NULL OR acknowledged = $4)
  ORDER BY onset DESC, id LIMIT coalesce($5::BIGINT, 9223372036854775807)`

function listParameters({ states, stations, since, acknowledged, limit }: WarningQuery): Parameter[] {
  return [states?.join(' ') ?? null, stations ? [...stations] : null, since ?? null, acknowledged ?? null, limit ?? null]
}

/** Keeps the versions that are not there yet, and makes the newest of each warning the current one. */
async function putVersions(session: Session, versions: readonly Warning[]): Promise<void> {
  if (versions.length === 0) return
  const ids = [...new Set(versions.map((warning) => warning.id))]
  const kept = await session.rows('SELECT id, version FROM warning_version WHERE id IN (SELECT unnest($1::VARCHAR[]))', [ids])
  const known = new Set(kept.map(([id, version]) => `${version} ${id}`))
  const newest = new Map<string, number>()
  for (const [id, version] of kept) newest.set(String(id), Math.max(newest.get(String(id)) ?? 0, Number(version)))

  const fresh = new Map<string, Warning>()
  const current = new Map<string, Warning>()
  for (const warning of versions) {
    const place = `${warning.version} ${warning.id}`
    if (known.has(place) || fresh.has(place)) continue
    fresh.set(place, warning)
    if (warning.version < (newest.get(warning.id) ?? 0)) continue
    newest.set(warning.id, warning.version)
    current.set(warning.id, warning)
  }
  await appendVersions(session, [...fresh.values()])
  await replaceCurrent(session, [...current.values()])
}

const text = (warning: Warning): string => JSON.stringify(warning)

function appendVersions(session: Session, fresh: readonly Warning[]): Promise<void> {
  return session.append(shapes.warningVersion, [fresh.map(({ id }) => id), fresh.map(({ version }) => version), fresh.map(text)])
}

async function replaceCurrent(session: Session, current: readonly Warning[]): Promise<void> {
  if (current.length === 0) return
  const column = (field: (warning: Warning) => Cell): Cell[] => current.map(field)
  await session.run('DELETE FROM warning WHERE id IN (SELECT unnest($1::VARCHAR[]))', [current.map(({ id }) => id)])
  await session.append(shapes.warning, [
    column(({ id }) => id),
    column(({ state }) => state),
    column(({ station }) => station),
    column(({ onset }) => onset),
    column(({ changedAt }) => changedAt),
    column(({ marks }) => marks.acknowledged !== null),
    current.map(text),
  ])
}
