import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { runId } from '../domain/ids.ts'
import { csvLines } from './csv.ts'
import { furnish, hour, minute, seriesOf, start, storedRow, testHouse, type TestHouse } from './testing/house.ts'
import type { ObservationPage, WindowPage } from './schemas/observation.ts'

const run = runId('demo')
let house: TestHouse
beforeAll(async () => {
  house = await testHouse()
  await furnish(house)
})
afterAll(() => house.app.close())

const ask = async <Answer>(query: string): Promise<Answer> => (await house.anyone(`/api/v1/observations${query}`)).json<Answer>()
const problem = async (query: string): Promise<{ status: number; detail: string }> => {
  const answer = await house.anyone(`/api/v1/observations${query}`)
  const { detail } = answer.json<{ detail: string }>()
  return { status: answer.statusCode, detail }
}

test('pages follow each other without a gap or a double', async () => {
  const query = '?series=qingxi/water_level,qingxi/rainfall&from=2026-03-01T00:00:00Z&to=2026-03-01T02:00:00Z&limit=7'
  const whole = await ask<ObservationPage>(query.replace('limit=7', 'limit=1000'))
  expect(whole.observations).toHaveLength(25)
  expect(whole.next).toBeNull()
  const pages: ObservationPage[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: ObservationPage = await ask<ObservationPage>(`${query}${cursor && `&cursor=${cursor}`}`)
    pages.push(page)
    cursor = page.next
  }
  expect(pages.map((page) => page.observations.length)).toEqual([7, 7, 7, 4])
  expect(pages.flatMap((page) => page.observations)).toEqual(whole.observations)
  expect(await problem(`${query}&cursor=nonsense`)).toMatchObject({ status: 400, detail: expect.stringContaining('cursor') })
  expect(await problem(`?series=qingxi/rainfall&cursor=${pages[0]?.next}`)).toMatchObject({ status: 400 })
})

test('a range takes times in every form, and its end is exclusive', async () => {
  const count = async (from: string, to: string, expected: number) =>
    expect((await ask<ObservationPage>(`?series=qingxi/water_level/1&from=${from}&to=${to}`)).observations).toHaveLength(expected)
  await count('2026-03-01T00:00:00Z', '2026-03-01T01:00:00Z', 12)
  await count('2026-03-01T08:00:00%2B08:00', '2026-03-01T09:00:00+08:00', 12)
  await count(String(start), String(start + hour), 12)
  await count(String(start / 1000), String((start + hour) / 1000), 12)
  await count('0', String(start + 1), 1)
})

test('what is wrong is named, with what was probably meant', async () => {
  const detail = async (query: string, text: string) =>
    expect(await problem(query)).toEqual({ status: 400, detail: expect.stringContaining(text) })
  await detail('?series=qingxi/watr_level', 'did you mean qingxi/water_level/1?')
  await detail('', 'query.series: is needed')
  await detail('?serie=qingxi/water_level', 'did you mean series?')
  await detail('?series=qingxi/water_level&from=2026-03-01T00:00:00', 'has no offset')
  await detail('?series=qingxi/water_level&from=yesterday', 'is not a time')
  await detail('?series=qingxi/water_level&from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'exchange them')
  await detail('?series=qingxi/water_level&limit=0', 'query.limit')
  await detail('?series=qingxi/water_level&format=xls', '"xls" is not one of json, csv')
  await detail('/windows?series=qingxi/water_level&every=1', 'is not a length of time')
  await detail('/windows?series=qingxi/water_level&every=1h&aggregates=avrage', 'there is no aggregates "avrage"')
  await detail('/windows?series=qingxi/water_level&every=1s&from=2001-01-01T00:00:00Z', 'more than 200000 windows')
  await detail(`?series=${Array.from({ length: 51 }, (_, i) => `a/b/${i + 1}`).join(',')}`, '51 series at once are too many')
})

test('what was known at a moment can be read back', async () => {
  const other = await testHouse()
  await other.commit([storedRow({ value: 1, run, receivedAt: start + minute })])
  await other.commit([storedRow({ value: 2, run, receivedAt: start + hour, arrival: 'revised' })])
  const value = async (asOf: string) =>
    (await other.anyone(`/api/v1/observations?series=qingxi/water_level&from=${start}${asOf}`))
      .json<ObservationPage>()
      .observations.map((one) => one.value)
  expect(await value('')).toEqual([2])
  expect(await value(`&asOf=${start + 30 * minute}`)).toEqual([1])
  expect(await value(`&asOf=${start}`)).toEqual([])
  await other.app.close()
})

test('windows put values together', async () => {
  const { windows } = await ask<WindowPage>(
    '/windows?series=qingxi/water_level&every=1h&aggregates=min,max,mean&from=2026-03-01T00:00:00Z&to=2026-03-01T02:00:00Z',
  )
  expect(windows.map((window) => [window.start, window.end, window.n])).toEqual([
    [start, start + hour, 12],
    [start + hour, start + 2 * hour, 12],
  ])
  expect(windows[0]).toMatchObject({ min: 2.5, max: expect.closeTo(2.94), mean: expect.closeTo(2.72) })
  expect(windows[0]).not.toHaveProperty('sum')
})

test('CSV holds the same rows, for as long as the range is', async () => {
  const day = Array.from({ length: 12_345 }, (_, i) =>
    storedRow({
      series: seriesOf('lower-weir'),
      observedAt: start + i * 1000,
      value: i % 7 === 0 ? null : -i / 8,
      flag: i % 7 === 0 ? 9 : 1,
      run,
    }),
  )
  await house.commit(day)
  const answer = await house.anyone({
    url: `/api/v1/observations?series=lower-weir/water_level&from=${start}&to=${start + 24 * hour}`,
    headers: { accept: 'text/csv' },
  })
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(answer.headers['content-disposition']).toBe('attachment; filename="observations.csv"')
  const rows = parse(answer.body, { columns: true }) as Record<string, string>[]
  expect(rows).toHaveLength(day.length)
  expect(rows[1]).toEqual({
    series: 'lower-weir/water_level/1',
    station: 'lower-weir',
    parameter: 'water_level',
    number: '1',
    observed_at: '2026-03-01T00:00:01.000Z',
    received_at: '2026-03-01T00:00:03.000Z',
    value: '-0.125',
    unit: 'm',
    flag: '1',
    tests: '',
    device: 'rtu-0017',
    run: 'demo',
  })
  expect(rows[7]?.['value']).toBe('')
  const few = await house.anyone(
    `/api/v1/observations?series=lower-weir/water_level&from=${start}&to=${start + 24 * hour}&limit=10&format=csv`,
  )
  expect(parse(few.body, { columns: true })).toHaveLength(10)
  const windows = await house.anyone(`/api/v1/observations/windows?series=qingxi/water_level&every=1h&from=${start}&format=csv`)
  expect(windows.body.split('\r\n')[0]).toBe('series,start,end,n,mean')
  const rollups = await house.anyone(`/api/v1/rollups?series=qingxi/water_level&size=1h&from=${start}&format=csv`)
  expect(rollups.body.split('\r\n')[1]).toBe(
    'qingxi/water_level/1,1h,2026-03-01T00:00:00.000Z,2026-03-01T01:00:00.000Z,12,2.5,2.7,2.94,32,1',
  )
})

test('no cell is a formula', () => {
  const cell = (value: string | number | null, expected: string) => expect(csvLines([['x', value]])).toBe(`x,${expected}\r\n`)
  cell('=1+1', "'=1+1")
  cell('+1', "'+1")
  cell('-1', "'-1")
  cell('@SUM(A1)', "'@SUM(A1)")
  cell('\tx', "'\tx")
  cell(-1.5, '-1.5')
  cell(null, '')
  cell('a,"b"', '"a,""b"""')
})

test('an answer that has not changed is not sent again', async () => {
  const url = '/api/v1/observations/latest?series=qingxi/water_level'
  const first = await house.anyone(url)
  const again = await house.anyone({ url, headers: { 'if-none-match': String(first.headers.etag) } })
  expect(again.statusCode).toBe(304)
  expect(again.body).toBe('')
  const small = await house.anyone({
    url: `/api/v1/observations?series=lower-weir/water_level&from=${start}`,
    headers: { 'accept-encoding': 'gzip' },
  })
  expect(small.headers['content-encoding']).toBe('gzip')
})
