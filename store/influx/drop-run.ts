import type { RunId, SensorId } from '../../domain/ids.ts'
import { quoteName, quoteText, type InfluxQl, type Row } from './influxql.ts'
import { measurements, seriesOfTags } from './points.ts'
import { askAll, bySeries, inTime, isSeries } from './select.ts'

/**
 * Removes the rows of a run and their history, and the roll-ups of series that held nothing else; returns how many current rows went.
 * `run` is a field, which InfluxQL cannot delete by: a series goes whole where all its rows are of the run, else by its stretches of time.
 */
export async function dropRunFrom(ql: InfluxQl, run: RunId): Promise<number> {
  const ofRun = `"run" = ${quoteText(run)} AND "given" & 4 = 4`
  const [found = []] = await ql.ask([`SELECT COUNT("flag") FROM "observation" WHERE ${ofRun} GROUP BY ${bySeries}`])
  const counts = found.flatMap(({ tags, rows }): [SensorId, number][] => {
    const series = seriesOfTags(tags)
    return series === null ? [] : [[series, Number(rows[0]?.[1] ?? 0)]]
  })
  for (const [series, dropped] of counts) await askAll(ql, await deletions(ql, series, dropped, run))
  return counts.reduce((sum, [, dropped]) => sum + dropped, 0)
}

async function deletions(ql: InfluxQl, series: SensorId, dropped: number, run: RunId): Promise<string[]> {
  const [answer] = await ql.ask([`SELECT COUNT("flag") FROM "observation" WHERE ${isSeries(series)}`])
  const whole = Number(answer?.[0]?.rows[0]?.[1] ?? 0) === dropped
  const rows = [measurements.observation, measurements.history]
  if (whole)
    return [...rows, ...Object.values(measurements.rollup)].map((name) => `DELETE FROM ${quoteName(name)} WHERE ${isSeries(series)}`)
  const stretches = await stretchesOf(ql, series, run)
  return stretches.flatMap(([from, to]) =>
    rows.map((name) => `DELETE FROM ${quoteName(name)} WHERE ${isSeries(series)} AND ${inTime(from, to + 1)}`),
  )
}

async function stretchesOf(ql: InfluxQl, series: SensorId, run: RunId): Promise<[first: number, last: number][]> {
  const [answer = []] = await ql.ask([`SELECT "flag", "run", "given" FROM "observation" WHERE ${isSeries(series)}`])
  const found: [number, number][] = []
  let open: [number, number] | null = null
  for (const row of answer.flatMap(({ rows }) => rows)) {
    const time = Number(row[0])
    if (!belongsTo(run, row)) open = null
    else if (open) open[1] = time
    else found.push((open = [time, time]))
  }
  return found
}

const belongsTo = (run: RunId, [, , named, given]: Row): boolean => named === run && (Number(given) & 4) === 4
