import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { Identity } from '../../domain/identity.ts'
import { deviceId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { freshFolder, openBroker, until, type TestBroker } from '../../broker/testing/brokers.ts'
import { ReplayRefused } from './connections.ts'
import { deviceIdOf, stationIdOf } from './names.ts'
import { makeNetwork, surveyRecord } from './network.ts'
import { replay, type ReplayOrder, type ReplayProgress } from './replay.ts'
import { recordedFiles } from './rows.ts'
import { stagesFrom } from './stages.ts'

const header = 'time,station,parameter,value,unit,flag'

async function written(files: Record<string, readonly string[]>): Promise<string> {
  const folder = await freshFolder()
  for (const [name, lines] of Object.entries(files)) {
    const text = `${lines.join('\n')}\n`
    await writeFile(path.join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text)
  }
  return folder
}

/** Two gauges and a rain gauge over three times, one value missing, one column in millimetres. */
const flood = [
  header,
  '2020-01-22T00:00:00Z,Y1,water_level,635.0,mm,16',
  '2020-01-22T00:00:00Z,Y2,water_level,-120,mm,16',
  '2020-01-22T00:00:00Z,Y2,rainfall,0.2,mm,',
  '2020-01-22T00:10:00Z,Y1,water_level,,mm,16',
  '2020-01-22T00:10:00Z,Y2,stage,131,mm,16',
  '2020-01-22T00:20:00Z,Y1,water_level,640.5,mm,16',
]

const identify = async (name: string): Promise<Identity> => ({ role: 'device', device: deviceId(name), run: null })
const secretsFor = (...stations: string[]): Map<string, string> => new Map(stations.map((station) => [`flood-${station}`, 'x']))

function order(broker: TestBroker, files: readonly string[], changed: Partial<ReplayOrder> = {}): ReplayOrder {
  return {
    files,
    url: `mqtt://127.0.0.1:${broker.port}`,
    run: 'flood',
    secrets: secretsFor('Y1', 'Y2'),
    speed: 'max',
    rate: null,
    resumeAfterRows: 0,
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    now: () => 0,
    sleep: async () => undefined,
    ...changed,
  }
}

/** Payloads by device, in the order of their coming. */
function sentBy(broker: TestBroker, station: string): unknown[] {
  const own = broker.deliveries.filter((one) => one.device === `flood-${station}`)
  return own.map((one) => JSON.parse(Buffer.from(one.payload).toString()) as unknown)
}

test('each row goes out as one message of its station, with its time, unit and number', async () => {
  const broker = await openBroker({ identify })
  const folder = await written({ 'january.csv': flood })
  const progress = await replay(order(broker, await recordedFiles(folder)))
  expect(sentBy(broker, 'Y1')).toEqual([
    { seq: 1, at: '2020-01-22T00:00:00Z', values: { water_level: { v: 635, u: 'mm' } } },
    { seq: 2, at: '2020-01-22T00:10:00Z', values: { water_level: null } },
    { seq: 3, at: '2020-01-22T00:20:00Z', values: { water_level: { v: 640.5, u: 'mm' } } },
  ])
  expect(sentBy(broker, 'Y2')).toEqual([
    { seq: 1, at: '2020-01-22T00:00:00Z', values: { water_level: { v: -120, u: 'mm' } } },
    { seq: 2, at: '2020-01-22T00:00:00Z', values: { rainfall: { v: 0.2, u: 'mm' } } },
    { seq: 3, at: '2020-01-22T00:10:00Z', values: { stage: { v: 131, u: 'mm' } } },
  ])
  expect(progress).toEqual({
    at: Date.parse('2020-01-22T00:20:00Z'),
    sent: 6,
    acknowledged: 6,
    unanswered: 0,
    skipped: 0,
    unreadable: { time: 0, value: 0 },
  })
})

test('nothing of a time is sent before all of the time before is acknowledged', async () => {
  const waiting: (() => void)[] = []
  const broker = await openBroker({ identify, accept: () => new Promise<void>((resolve) => waiting.push(resolve)) })
  const folder = await written({ 'january.csv': flood })
  const steps: number[] = []
  const done = replay(order(broker, await recordedFiles(folder), { onStep: ({ acknowledged }) => steps.push(acknowledged) }))
  for (const expected of [3, 5, 6]) {
    await until(() => broker.deliveries.length === expected)
    for (const resolve of waiting.splice(1)) resolve()
    // One of the step is still held: the next step must not come, however long the others are through.
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(broker.deliveries).toHaveLength(expected)
    waiting.splice(0).forEach((resolve) => resolve())
  }
  await done
  expect(steps).toEqual([3, 5, 6])
})

test('a line that breaks costs no row', async () => {
  let count = 0
  const broker = await openBroker({
    identify,
    accept: async () => {
      if (++count % 7 === 0) throw new Error('the journal takes nothing for now')
    },
  })
  const rows = Array.from({ length: 40 }, (_, i) => `2020-01-22T00:${String(i).padStart(2, '0')}:00Z,Y${(i % 2) + 1},water_level,${i},mm,`)
  const folder = await written({ 'a.csv': [header, ...rows] })
  const progress = await replay(order(broker, await recordedFiles(folder)))
  expect(progress.acknowledged).toBe(40)
  expect(broker.broker.figures().refused.get('journal-refused')).toBeGreaterThan(3)
  for (const station of ['Y1', 'Y2']) {
    const seqs = new Set((sentBy(broker, station) as { seq: number }[]).map(({ seq }) => seq))
    expect(seqs).toEqual(new Set(Array.from({ length: 20 }, (_, i) => i + 1)))
  }
})

test('several files are one stream in time order, packed or not, and tables without readings are left out', async () => {
  const broker = await openBroker({ identify })
  const folder = await written({
    'b.csv.gz': [header, '2020-01-22T00:00:00Z,Y1,water_level,1,m,', '2020-01-22T02:00:00Z,Y1,water_level,3,m,'],
    'a.csv': [header, '2020-01-22T01:00:00Z,Y1,water_level,2,m,'],
    'stations.csv': ['station,name,lat,lon', 'Y1,Salz,42.9,1.9'],
    'peaks.csv': ['station,crest', 'Y1,9'],
    'notes.txt': ['time,station,parameter,value'],
  })
  const files = await recordedFiles(folder)
  expect(files.map((file) => path.basename(file))).toEqual(['a.csv', 'b.csv.gz'])
  await replay(order(broker, files))
  expect((sentBy(broker, 'Y1') as { values: { water_level: { v: number } } }[]).map((one) => one.values.water_level.v)).toEqual([1, 2, 3])
})

test('a file that is no CSV is named, and one without the columns is left out', async () => {
  const folder = await written({ 'open.csv': [header, '2020-01-22T00:00:00Z,"Y1'] })
  await expect(recordedFiles(folder)).rejects.toThrow(/^reading .*open\.csv: /)
  const other = await written({ 'peaks.csv': ['station,crest', 'Y1,9'] })
  expect(await recordedFiles(path.join(other, 'peaks.csv'))).toEqual([])
})

test('what cannot be read is sent as it stands, so that the server says why not', async () => {
  const broker = await openBroker({ identify })
  const folder = await written({
    'a.csv': [header, 'yesterday,Y1,water_level,1,m,', '2020-01-22T00:00:00Z,Y1,water_level,high,m,', '2020-01-22T00:00:00Z,Y1,glow,1,,'],
  })
  const { unreadable, acknowledged } = await replay(order(broker, await recordedFiles(folder)))
  expect({ unreadable, acknowledged }).toEqual({ unreadable: { time: 1, value: 1 }, acknowledged: 3 })
  expect(sentBy(broker, 'Y1')).toEqual([
    { seq: 1, at: 'yesterday', values: { water_level: { v: 1, u: 'm' } } },
    { seq: 2, at: '2020-01-22T00:00:00Z', values: { water_level: 'high' } },
    { seq: 3, at: '2020-01-22T00:00:00Z', values: { glow: 1 } },
  ])
})

test('a replay that was cut goes on behind what was acknowledged, with the same numbers', async () => {
  const folder = await written({ 'january.csv': flood })
  const files = await recordedFiles(folder)
  const cut = await openBroker({ identify })
  let last: ReplayProgress | null = null
  let steps = 0
  const stop = new AbortController()
  const onStep = (step: ReplayProgress): void => {
    last = { ...step }
    if (++steps === 2) stop.abort()
  }
  await replay(order(cut, files, { onStep, stop: stop.signal }))
  expect(last).toMatchObject({ acknowledged: 5, at: Date.parse('2020-01-22T00:10:00Z') })

  const again = await openBroker({ identify })
  expect(await replay(order(again, files, { resumeAfterRows: 5 }))).toMatchObject({ skipped: 5, sent: 1, acknowledged: 1 })
  expect(sentBy(again, 'Y1')).toEqual([{ seq: 3, at: '2020-01-22T00:20:00Z', values: { water_level: { v: 640.5, u: 'mm' } } }])
})

test('rows that go back in time are not taken for acknowledged ones when a replay goes on', async () => {
  const broker = await openBroker({ identify })
  const at = (day: number) => `2020-01-${day}T00:00:00Z,Y1,water_level,${day},m,`
  const folder = await written({ 'a.csv': [header, at(20), at(22), at(10), at(11)] })
  expect(await replay(order(broker, await recordedFiles(folder), { resumeAfterRows: 2 }))).toMatchObject({ skipped: 2, acknowledged: 2 })
  expect(sentBy(broker, 'Y1')).toHaveLength(2)
})

test('a recorded minute takes a second at speed 60, and no more readings a second than asked', async () => {
  const folder = await written({ 'january.csv': flood })
  const paced = async (changed: Partial<ReplayOrder>, expected: number[]) => {
    const broker = await openBroker({ identify })
    let now = 0
    const starts: number[] = []
    const sleep = async (ms: number) => void (now += ms)
    await replay(order(broker, await recordedFiles(folder), { now: () => now, sleep, onStep: () => starts.push(now), ...changed }))
    expect(starts).toEqual(expected)
  }
  await paced({ speed: 60 }, [0, 10_000, 20_000])
  await paced({ speed: 600 }, [0, 1_000, 2_000])
  await paced({ rate: 2 }, [0, 1_500, 2_500])
  await paced({ speed: 600, rate: 2 }, [0, 1_500, 2_500])
  await paced({}, [0, 0, 0])
})

test('a replay whose login is refused ends with the reason, at its start and under way', async () => {
  const folder = await written({ 'january.csv': flood })
  const files = await recordedFiles(folder)
  const closed = await openBroker({ identify: async () => null })
  await expect(replay(order(closed, files))).rejects.toThrow(ReplayRefused)

  let revoked = false
  const broker = await openBroker({ identify: async (name) => (revoked ? null : identify(name)) })
  const onStep = (): void => {
    if (revoked) return
    revoked = true
    broker.broker.kick(deviceId('flood-Y1'))
    broker.broker.kick(deviceId('flood-Y2'))
  }
  await expect(replay(order(broker, files, { onStep }))).rejects.toThrow(/flood-Y\d: the server refused the login/)
})

test('a station that the run does not know ends the replay', async () => {
  const broker = await openBroker({ identify })
  const folder = await written({ 'january.csv': flood })
  await expect(replay(order(broker, await recordedFiles(folder), { secrets: secretsFor('Y1') }))).rejects.toThrow(/no device flood-Y2/)
})

test('the network made of recorded files describes their stations, and is one', async () => {
  const folder = await written({
    'january.csv': [...flood, '2020-01-22T00:30:00Z,Y1,water_level,641,mm,16', '2020-01-22T00:30:00Z,Y2,glow,1,,'],
    'stations.csv': ['station,site,name,lat,lon', 'Y1,x,"Salz, à Cassaignes",42.9,2.3', 'Y2,x,,,'],
  })
  const survey = await surveyRecord(await recordedFiles(folder))
  expect(survey.rows).toBe(8)
  expect([...survey.unknownParameters]).toEqual([['glow', 1]])
  const network = readNetwork(makeNetwork(survey, { id: 'flood', stages: new Map([['Y1', 0.65]]) }), { file: null, run: null })
  expect(network.recorded).toBe(true)
  const [y1, y2] = network.stations
  expect(y1).toMatchObject({ id: 'Y1', name: { en: 'Salz, à Cassaignes' }, kind: 'river', location: { lat: 42.9, lon: 2.3 } })
  expect(y1?.sensors.map((one) => [one.id, one.everyMs, one.stages.get('warning')])).toEqual([['Y1/water_level/1', 600_000, 0.65]])
  expect(y2?.sensors.map((one) => one.id)).toEqual(['Y2/water_level/1', 'Y2/rainfall/1'])
  expect(network.devices.map((one) => [one.id, one.stations])).toEqual([
    ['flood-Y1', ['Y1']],
    ['flood-Y2', ['Y2']],
  ])
  expect(network.rules.map((one) => one.id)).toEqual(['level-high', 'level-rising', 'rain-3h', 'silent'])
})

test('stages are a percentile of the quiet levels in metres; gauges with few are named', async () => {
  const quiet = Array.from({ length: 101 }, (_, i) => `2020-04-15T00:00:${String(i % 60).padStart(2, '0')}Z,Y1,water_level,${i * 10},mm,`)
  const folder = await written({
    'spring.csv': [header, ...quiet, '2020-04-15T00:00:00Z,Y2,stage,5,m,', '2020-04-15T00:00:00Z,Y1,water_level,,mm,'],
  })
  const { stages, leftOut } = await stagesFrom(await recordedFiles(folder), 95)
  expect([...stages]).toEqual([['Y1', 0.95]])
  expect([...leftOut]).toEqual([['Y2', 1]])
  expect([...(await stagesFrom(await recordedFiles(folder), 50, 1)).stages]).toEqual([
    ['Y1', 0.5],
    ['Y2', 5],
  ])
})

test('recorded names become ids, and never two of them one', () => {
  const names = [
    'Y1',
    'Hebden-Bridge',
    'Hebden Bridge',
    'Hebden/Bridge',
    '大石桥',
    '洨河',
    '  ',
    '',
    'a'.repeat(64),
    'a'.repeat(65),
    `${'a'.repeat(65)}b`,
  ]
  for (const idsOf of [stationIdOf, (name: string) => deviceIdOf('a-run-of-a-rather-long-name', name)]) {
    const ids = names.map(idsOf)
    expect(new Set(ids).size).toBe(names.length)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
  }
  expect(names.slice(0, 3).map(stationIdOf)).toEqual(['Y1', 'Hebden-Bridge', expect.stringMatching(/^Hebden-Bridge-[0-9a-f]{8}$/)])
})
