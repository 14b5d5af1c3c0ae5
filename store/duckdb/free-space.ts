import { catalog, type Session } from './session.ts'
import { dayMinutes } from './times.ts'

/** Blocks of the file, of 256 KiB each. */
export interface Blocks {
  total: number
  free: number
}

/** Free blocks that are worth no work. */
const fewBlocks = 32

export async function readBlocks(session: Session): Promise<Blocks> {
  const [[total = 0, free = 0] = []] = await session.rows(
    'SELECT total_blocks, free_blocks FROM pragma_database_size() WHERE database_name = $1',
    [catalog],
  )
  return { total: Number(total), free: Number(free) }
}

/**
 * The rewritten days whose rows lie last in the file, when a tenth of it is free: moved into the free blocks before them, they let the file
 * end earlier. None when there is little to gain or the last rows are of an open day.
 */
export async function findLastDays(session: Session): Promise<{ total: number; days: number[] }> {
  const { total, free } = await readBlocks(session)
  if (free < fewBlocks || free * 10 < total) return { total, days: [] }
  // The bounds of a row group's minutes stand only in the text of its statistics.
  const rows = await session.rows(
    `WITH segment AS (SELECT row_group_id, column_name, block_id, stats FROM pragma_storage_info('observation')
       WHERE segment_type <> 'VALIDITY'),
     last AS (SELECT arg_max(row_group_id, block_id) AS row_group_id FROM segment),
     span AS (SELECT min(regexp_extract(stats, 'Min: (-?[0-9]+)', 1)::INTEGER) AS low, max(regexp_extract(stats, 'Max: (-?[0-9]+)', 1)::INTEGER) AS high
       FROM segment JOIN last USING (row_group_id) WHERE column_name = 'minute')
     SELECT day, s.day IS NOT NULL FROM span, range(low // ${dayMinutes}, high // ${dayMinutes} + 1) AS days(day)
       LEFT JOIN sorted_day s USING (day) ORDER BY day`,
  )
  const sorted = rows.every(([, rewritten]) => rewritten === true)
  return { total, days: sorted ? rows.map(([day]) => Number(day)) : [] }
}
