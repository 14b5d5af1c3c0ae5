import type { Rollup, TelemetryStore } from '../ports/telemetry.ts'
import type { Live } from './live.ts'
import { createParameters } from './parameters.ts'
import { shapes } from './schema.ts'
import { inOrderAsked, select } from './selection.ts'
import type { Cell, Session } from './session.ts'
import type { State } from './state.ts'

/** Stored roll-ups: one of a series, size and start; a later one takes its place. */
export function createRollups(live: Live): Pick<TelemetryStore, 'putRollups' | 'rollups'> {
  return {
    putRollups: async (rollups) => {
      if (rollups.length === 0) return
      const { engine, state } = await live.opened()
      await engine.transact(
        `keeping ${rollups.length} roll-ups`,
        (session) => putRollups(session, state, rollups),
        () => state.words.written(),
      )
    },
    rollups: async (query) => {
      const { engine, state } = await live.opened()
      return engine.read('reading roll-ups', (session) => readRollups(session, state, query))
    },
  }
}

async function putRollups(session: Session, state: State, rollups: readonly Rollup[]): Promise<void> {
  const last = [...new Map(rollups.map((rollup) => [`${rollup.size} ${rollup.start} ${rollup.series}`, rollup])).values()]
  const ids = last.map((rollup) => state.words.series.of(rollup.series).id)
  const column = (field: (rollup: Rollup) => Cell): Cell[] => last.map(field)
  const starts = column((rollup) => rollup.start)
  for (const size of new Set(last.map((rollup) => rollup.size))) await removeOld(session, last, ids, size)
  await session.append(shapes.rollup, [
    ids,
    column((rollup) => rollup.size),
    starts,
    column((rollup) => rollup.end),
    column((rollup) => rollup.n),
    column((rollup) => rollup.min),
    column((rollup) => rollup.mean),
    column((rollup) => rollup.max),
    column((rollup) => rollup.sum),
    column((rollup) => rollup.completeness),
  ])
  await state.words.write(session)
}

/** Takes away the roll-ups of one size that new ones replace: same series and start. */
async function removeOld(session: Session, rollups: readonly Rollup[], ids: readonly number[], size: Rollup['size']): Promise<void> {
  const places = rollups.map((_, i) => i).filter((i) => rollups[i]?.size === size)
  // Starts travel as text, because lists of parameters are of 32-bit numbers or of text.
  await session.run(
    `DELETE FROM rollup USING (SELECT unnest($2::INTEGER[]) AS series, unnest($3::VARCHAR[])::BIGINT AS starts) AS new
     WHERE rollup.size = $1 AND rollup.series = new.series AND rollup.starts = new.starts`,
    [size, places.map((i) => ids[i] ?? -1), places.map((i) => String(rollups[i]?.start))],
  )
}

async function readRollups(session: Session, { words }: State, query: Parameters<TelemetryStore['rollups']>[0]): Promise<Rollup[]> {
  const selection = select(words, query.series)
  if (selection === null) return []
  const parameters = createParameters()
  const { given } = parameters
  const rows = await session.rows(
    `SELECT series, starts::DOUBLE, ends::DOUBLE, n, minimum, mean, maximum, total, completeness FROM rollup
     WHERE ${selection.condition(parameters)} AND size = ${given(query.size)} AND starts >= ${given(query.from)} AND starts < ${given(query.to)}
     ORDER BY series, starts`,
    parameters.values,
  )
  const number = (cell: Cell | undefined): number | null => (typeof cell === 'number' ? cell : null)
  const read = rows.map(([id, start, end, n, min, mean, max, sum, completeness]) => {
    const entry = words.series.byId(Number(id))
    const figures = { min: number(min), mean: number(mean), max: number(max), sum: number(sum), completeness: number(completeness) }
    return { entry, rollup: { series: entry.name, size: query.size, start: Number(start), end: Number(end), n: Number(n), ...figures } }
  })
  return inOrderAsked(selection.asked, read, ({ entry }) => entry).map(({ rollup }) => rollup)
}
