import { expect, test } from '@jest/globals'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { readNetwork } from '../domain/network-load.ts'
import { runId } from '../domain/ids.ts'
import { testBit } from '../domain/quality-tests.ts'
import { demoNetwork, furnish, hour, minute, seriesOf, start, storedRow, testHouse } from './testing/house.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { commitOf } from '../store/testing/rows.ts'
import { until } from '../testing/server.ts'
import { createBoard } from './board.ts'
import type { SeriesDetail } from './schemas/series.ts'
import type { StationDetail, StationList } from './schemas/station.ts'

const run = runId('demo')

test('a station says value, age, trend and standing', async () => {
  const house = await testHouse()
  await furnish(house)
  const detail = (await house.anyone('/api/v1/stations/qingxi')).json<StationDetail>()
  const [level, rain] = detail.series
  // the last of 24 readings: 2.5 + 23 × 0.04 = 3.42 at 01:55; the clock stands at 02:00
  expect(level?.latest?.value).toBeCloseTo(3.42)
  expect(level?.ageMs).toBe(5 * minute)
  expect(level?.trend).toEqual({ direction: 'rising', perHour: expect.closeTo(0.48), readings: 5 })
  expect(level?.stages.map((stage) => stage.name)).toEqual(['warning', 'guarantee', 'record'])
  expect(level?.standing).toEqual({
    reached: { name: 'warning', limit: 3 },
    above: expect.closeTo(0.42),
    next: { name: 'guarantee', limit: 4 },
    below: expect.closeTo(0.58),
  })
  expect(rain).toMatchObject({ silent: true, trend: { direction: 'unknown', perHour: null }, standing: null })
  expect(detail.station).toMatchObject({ state: 'reporting', level: 'yellow', lead: 'qingxi/water_level/1', simulated: true })
  expect(detail.downstream).toEqual({ id: 'lower-weir', name: { en: 'Lower weir', zh: '下堰' }, travelTimeMs: 5 * hour, lengthKm: 18 })
  expect(detail.devices).toEqual([{ id: 'rtu-0017', protocol: 'mqtt' }])
  const below = (await house.anyone('/api/v1/stations/lower-weir')).json<StationDetail>()
  expect(below.upstream.map((one) => one.id)).toEqual(['qingxi'])
  expect(below.station).toMatchObject({ state: 'never', lastReceivedAt: null, level: null, warnings: [] })
  await house.app.close()
})

test('the overview counts', async () => {
  const house = await testHouse()
  await furnish(house)
  const list = (await house.anyone('/api/v1/stations?cells=true')).json<StationList>()
  expect(list.counts).toMatchObject({ stations: 2, reporting: 1, silent: 0, never: 1, warnings: 1, unacknowledged: 1 })
  // 02:00 on the first of March: the last four of 48 whole cells are full, the running one has had no reading yet
  expect(list.stations[0]?.cells?.completeness?.slice(42)).toEqual([0, 1, 1, 1, 1, 0])
  expect(list.stations[0]?.cells?.worst.slice(42)).toEqual([0, 1, 1, 1, 1, 0])
  expect(list.stations[0]?.cells?.last[46]).toBeCloseTo(3.42)
  expect(list.stations[0]?.series[0]?.completeness).toBeCloseTo(24 / 282)
  house.clock.now += 20 * minute
  const later = (await house.anyone('/api/v1/stations')).json<StationList>()
  expect(later.counts).toMatchObject({ reporting: 0, silent: 1, never: 1 })
  expect(later.stations[0]?.cells).toBeNull()
  await house.app.close()
})

test('while the past of a run is being sent, its stations are seen by its own clock and none is called silent', async () => {
  const house = await testHouse({ parts: { catchingUp: () => [run] } })
  await furnish(house)
  house.clock.now += 30 * hour
  const list = (await house.anyone('/api/v1/stations')).json<StationList>()
  expect(list.counts).toMatchObject({ reporting: 1, silent: 0 })
  expect(list.networks).toMatchObject([{ catchingUp: true, now: start + 115 * minute }])
  await house.app.close()
})

test('the board is the same whether it heard the readings or read them from the store', async () => {
  const heard = await testHouse()
  await furnish(heard)
  const board = createBoard({ fleet: heard.parts.fleet, telemetry: heard.store.telemetry, live: heard.live, onFault: () => undefined })
  await board.start()
  const shown = (await heard.anyone('/api/v1/series/qingxi/water_level/1')).json<SeriesDetail>()
  const { from, completeness, worst, last } = board.of(seriesOf('qingxi'))?.day(heard.clock.now) ?? {
    from: 0,
    completeness: null,
    worst: [],
    last: [],
  }
  expect({ from, completeness, worst, last }).toEqual({
    from: shown.cells.from,
    completeness: shown.cells.completeness,
    worst: shown.cells.worst,
    last: shown.cells.last,
  })
  expect(board.of(seriesOf('qingxi'))?.recent.map(({ observedAt, value, flag }) => ({ observedAt, value, flag }))).toEqual(shown.recent)
  await heard.app.close()
})

test('late, corrected and re-judged readings find their place', async () => {
  const house = await testHouse()
  const row = (at: number, value: number | null, part = {}) => storedRow({ observedAt: start + at * minute, value, run, ...part })
  const shown = async () => (await house.anyone('/api/v1/series/qingxi/water_level/1')).json<SeriesDetail>()
  await house.commit([row(0, 1), row(10, 3)])
  await house.commit([row(5, 2, { arrival: 'inserted' })])
  expect((await shown()).recent.map((one) => one.value)).toEqual([1, 2, 3])
  await house.commit([row(10, 3.3, { arrival: 'revised' })])
  expect((await shown()).latest?.value).toBe(3.3)
  await house.commit([row(10, 3.3, { arrival: 'judged', flag: 4, tests: testBit('spike') })])
  const judged = await shown()
  expect(judged.latest).toMatchObject({ flag: 4, tests: ['spike'] })
  expect(judged.recent).toHaveLength(3)
  expect(judged.cells.completeness?.[43]).toBe(0.5)
  expect(judged.cells.worst[43]).toBe(4)
  // a failed value is not what a standing rests on
  expect(judged.trend.readings).toBe(2)
  await house.app.close()
})

test('a run with a clock of its own tells its ages by it', async () => {
  const house = await testHouse()
  await house.parts.runs.create(run, demoNetwork, 'run')
  house.clock.now = start + 400 * 24 * hour
  await house.commit([storedRow({ observedAt: start, value: 1, run })])
  const asked = async () => (await house.anyone('/api/v1/stations/qingxi')).json<StationDetail>()
  expect(await asked()).toMatchObject({ now: start, network: { now: start }, series: [{ ageMs: 0, silent: false }, {}] })
  await house.store.ledger.commit(commitOf([], { cursor: 2, watermarks: [{ run, at: start + hour }] }))
  expect(await asked()).toMatchObject({ now: start + hour, series: [{ ageMs: hour, silent: true }, {}] })
  // and a range without bounds ends there too
  const page = (await house.anyone('/api/v1/observations?series=qingxi/water_level')).json<{ to: number; observations: unknown[] }>()
  expect(page.to).toBe(start + hour + 1)
  expect(page.observations).toHaveLength(1)
  await house.app.close()
})

test('a store that is away at the start does not keep the api from serving, and is read when it is back', async () => {
  const house = await testHouse()
  await furnish(house)
  const { telemetry } = house.store
  const { latest } = telemetry
  telemetry.latest = () => Promise.reject(new StoreUnavailable('reading the newest values: the store is away'))
  const faults: string[] = []
  const onFault = (doing: string): void => void faults.push(doing)
  const board = createBoard({ fleet: house.parts.fleet, telemetry, live: house.live, onFault, readAgainMs: 5 })
  await board.start()
  expect(faults[0]).toBe('reading the last day of 4 series')
  expect(board.of(seriesOf('qingxi'))?.latest).toBeNull()
  // heard before it is read: what was heard stands, what was read comes beside
  house.live.emit({ name: 'observed', commit: 9, observations: [storedRow({ observedAt: start + 115 * minute, value: 9, run })] })
  telemetry.latest = latest
  await until(() => (board.of(seriesOf('qingxi'))?.recent.length ?? 0) === 12)
  expect(board.of(seriesOf('qingxi'))?.latest?.value).toBe(9)
  board.close()
  await house.app.close()
})

test('a run that is made anew begins with what the store has of it', async () => {
  const house = await testHouse()
  await furnish(house)
  const made = (): Fleet => createFleet([readNetwork(demoNetwork, { file: null, run })])
  let fleet = made()
  const board = createBoard({ fleet: () => fleet, telemetry: house.store.telemetry, live: house.live, onFault: () => undefined })
  await board.start()
  expect(board.newestOf(run)).toBe(start + 115 * minute)
  await house.store.telemetry.dropRun(run)
  fleet = made()
  expect(board.of(seriesOf('qingxi'))?.latest).toBeNull()
  expect(board.newestOf(run)).toBeNull()
  await house.commit([storedRow({ value: 5, run })])
  expect(board.of(seriesOf('qingxi'))?.latest?.value).toBe(5)
  fleet = createFleet([])
  expect(board.of(seriesOf('qingxi'))).toBeNull()
  expect(board.newestOf(run)).toBeNull()
  board.close()
  await house.app.close()
})
