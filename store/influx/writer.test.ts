import { afterEach, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { startFakeInfluxV2, v2Answers, type FakeAnswer, type FakeInfluxV2 } from '../../testing/fake-influx-v2.ts'
import { influxd, needing } from '../../testing/needing.ts'
import { startInfluxd } from '../../testing/influxd.ts'
import { StoreUnavailable } from '../errors.ts'
import { connectInflux, type InfluxConnection } from './connection.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function against(poison?: string): Promise<{ fake: FakeInfluxV2; connection: InfluxConnection }> {
  const fake = await startFakeInfluxV2({ token: 'let-me-in', org: '水文 org', bucket: 'water&co', ...(poison ? { poison } : {}) })
  closing.push(() => fake.close())
  const connection = connectInflux({
    url: `${fake.url}/`,
    api: 'v2',
    database: 'gauges',
    org: '水文 org',
    bucket: 'water&co',
    token: 'let-me-in',
    timeoutMs: 5_000,
  })
  closing.push(() => connection.close())
  return { fake, connection }
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const lineOf = (i: number, value: number | string = i): string => `observation,station=s${i} value=${value} ${1_000 + i}`
const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => lineOf(i))

async function failure(work: Promise<unknown>): Promise<StoreUnavailable> {
  const cause = await work.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(cause instanceof StoreUnavailable)) throw new Error(`expected StoreUnavailable, got ${String(cause)}`)
  return cause
}

test('lines arrive whole and in order, cut into requests by number and size', async () => {
  const { fake, connection } = await against()
  expect(await connection.writer.write(lines(12_000))).toEqual([])
  expect(fake.points().size).toBe(12_000)
  expect(fake.writes().map((write) => write.lines)).toEqual([5_000, 5_000, 2_000])
  const wide = Array.from({ length: 3 }, (_, i) => `observation,station=wide${i} text="${'x'.repeat(1_000_000)}" 1`)
  expect(await connection.writer.write(wide)).toEqual([])
  expect(fake.writes().slice(3)).toEqual(Array.from({ length: 3 }, () => ({ lines: 1, status: 204 })))
  expect(await connection.writer.write([])).toEqual([])
  expect(connection.writer.figures()).toEqual({ requests: 6, written: 12_003, refused: 0 })
})

test('writes at the same time do not mix', async () => {
  const { fake, connection } = await against('s7')
  const [first, second] = await Promise.all([connection.writer.write(lines(20)), connection.writer.write([lineOf(500), lineOf(7)])])
  expect(first.map(({ index }) => index)).toEqual([7])
  expect(second.map(({ index, line }) => [index, line])).toEqual([[1, lineOf(7)]])
  expect(fake.points().size).toBe(20)
})

test('a poisoned point is found by halving and reported alone; all others are kept', async () => {
  const { fake, connection } = await against('poison')
  const batch = lines(1_000).map((line, i) => (i === 613 ? lineOf(i, '"poison"') : line))
  const refused = await connection.writer.write(batch)
  expect(refused).toEqual([{ index: 613, line: batch[613], reason: expect.stringContaining('field type conflict') }])
  expect(fake.points().size).toBe(999)
  // the batch, a point of our own, two halves a step
  expect(fake.writes().length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(1_000)) + 2)
})

test('a server that refuses the whole batch for one line, or keeps a part of it unasked, loses nothing', async () => {
  for (const kept of ['none', 'good', 'all'] as const) {
    const { fake, connection } = await against()
    fake.answerNext(v2Answers.conflict(1, kept), { ...v2Answers.badRequest('x'), kept })
    expect(await connection.writer.write(lines(8))).toEqual([])
    expect(fake.points().size).toBe(8)
  }
})

test('201 means that only some points were kept', async () => {
  const { fake, connection } = await against()
  const partial = { status: 201, kept: 'none' as const, body: JSON.stringify({ error: 'partial write has occurred', line: 2 }) }
  fake.answerNext(partial)
  expect(await connection.writer.write(lines(3))).toEqual([])
  expect(fake.points().size).toBe(3)
  fake.answerNext(partial)
  expect(await connection.writer.write([lineOf(9)])).toEqual([{ index: 0, line: lineOf(9), reason: 'partial write has occurred' }])
})

test('a batch that is too large is sent in parts; a line that is too large is refused', async () => {
  const { fake, connection } = await against()
  fake.answerNext(v2Answers.tooLarge, v2Answers.tooLarge)
  expect(await connection.writer.write(lines(8))).toEqual([])
  expect(fake.writes().map((write) => write.lines)).toEqual([8, 1, 4, 2, 2, 4])
  expect(fake.points().size).toBe(8)
  fake.answerNext(v2Answers.tooLarge)
  expect((await connection.writer.write([lineOf(99)])).map(({ reason }) => reason)).toEqual([expect.stringContaining('too large')])
})

test('a server that refuses everything is at fault, not the points: it is asked with one point until it takes that', async () => {
  const said = (message: string): string => JSON.stringify({ error: message })
  const check = async (refusal: FakeAnswer, words: RegExp, count: number): Promise<void> => {
    const { fake, connection } = await against()
    fake.refuseAll(refusal)
    const cause = await failure(connection.writer.write(lines(count)))
    expect([cause.code, cause.message, cause.retryAfterMs]).toEqual(['store-unavailable', expect.stringMatching(words), 1_000])
    expect(fake.writes().map((write) => write.lines)).toEqual([count, 1])
    await failure(connection.writer.write(lines(count)))
    expect(fake.writes()).toHaveLength(3)
    fake.refuseAll(null)
    expect(await connection.writer.write(lines(count))).toEqual([])
    expect([fake.points().size, connection.writer.figures().refused]).toEqual([count, 0])
  }
  await check({ status: 400, body: said('refused') }, /refuses every point \(400 refused\)/, 500)
  await check({ status: 413 }, /refuses every point \(413\)/, 500)
  await check({ status: 422, body: said('max-series-per-database') }, /refuses every point \(422 max-series-per-database\)/, 500)
  await check({ status: 400, body: said('refused') }, /refuses every point/, 1)
})

test('a poisoned point alone, in a quiet night, is put aside while the server takes others', async () => {
  const { fake, connection } = await against('poison')
  expect(await connection.writer.write([lineOf(1, '"poison"')])).toHaveLength(1)
  expect(fake.writes().map(({ status }) => status)).toEqual([422, 204])
})

test('a server that begins to refuse everything while a poisoned point is looked for puts nothing aside', async () => {
  const { fake, connection } = await against('poison')
  const written = connection.writer.write(lines(64).map((line, i) => (i === 63 ? lineOf(i, '"poison"') : line)))
  for (;;) {
    if (fake.writes().length >= 4) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  fake.refuseAll({ status: 400, body: '{"error":"refused"}' })
  expect((await failure(written)).message).toContain('refuses every point')
})

test('what was too large once is sent in smaller requests from then on', async () => {
  const { fake, connection } = await against()
  fake.answerNext(v2Answers.tooLarge)
  expect(await connection.writer.write(lines(1_000))).toEqual([])
  const before = fake.writes().length
  expect(await connection.writer.write(lines(1_000))).toEqual([])
  expect(
    fake
      .writes()
      .slice(before)
      .every((write) => write.lines < 600),
  ).toBe(true)
})

test('a server that refuses for now refuses nothing for good', async () => {
  const { fake, connection } = await against()
  const check = async (answer: FakeAnswer, code: string, retryAfterMs: number | null = null): Promise<void> => {
    fake.answerNext(answer)
    const cause = await failure(connection.writer.write(lines(2)))
    expect([cause.code, cause.retryAfterMs]).toEqual([code, retryAfterMs])
  }
  await check(v2Answers.unavailable, 'store-unavailable', 2_000)
  await check(v2Answers.tooMany(30), 'store-unavailable', 30_000)
  await check(v2Answers.notFound, 'store-unavailable')
  await check({ status: 500, body: '{"code":"internal error","message":"timeout"}' }, 'store-unavailable')
  await check({ status: 200, body: '<html>a captive portal</html>' }, 'store-unavailable')
  await check({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'store-unavailable')
  await check({ status: 403, body: '{"code":"forbidden","message":"forbidden"}' }, 'store-unauthorized')
  expect(fake.points().size).toBe(0)
  expect(fake.writes()).toHaveLength(7)
})

test('a 400 without the words of InfluxDB is not believed', async () => {
  const { fake, connection } = await against()
  for (const body of ['', '<html>Bad Request</html>', '"no"', '{}', '{"message":5}']) {
    fake.answerNext({ status: 400, body })
    expect((await failure(connection.writer.write(lines(2)))).code).toBe('store-unavailable')
  }
})

test('a revoked token is told apart, and a new one does without a restart of the server', async () => {
  const { fake, connection } = await against()
  fake.rotateToken('another')
  const cause = await failure(connection.writer.write(lines(2)))
  expect([cause.code, cause.message]).toEqual(['store-unauthorized', expect.stringContaining('influx.token')])
  expect(cause.message).not.toContain('let-me-in')
  fake.rotateToken('let-me-in')
  expect(await connection.writer.write(lines(2))).toEqual([])
})

test('after a lost answer or a cut connection the same lines again leave the same points', async () => {
  const { fake, connection } = await against()
  for (const kept of ['none', 'all'] as const) {
    fake.answerNext({ status: 204, kept, cut: true })
    expect((await failure(connection.writer.write(lines(5)))).code).toBe('store-unavailable')
    expect(await connection.writer.write(lines(5))).toEqual([])
    expect(fake.points().size).toBe(5)
  }
})

test('a server that does not answer is given up after the time-out, and others are served', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  closing.push(() => {
    silent.closeAllConnections()
    silent.close()
  })
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  const connection = connectInflux({ url: `http://127.0.0.1:${port}`, api: 'v1', database: 'd', timeoutMs: 50 })
  closing.push(() => connection.close())
  expect((await failure(connection.writer.write(lines(2)))).message).toContain('no answer')
  expect((await failure(connection.ql.ask(['SHOW DATABASES']))).message).toContain('no answer')
})

test('a server that is not there is unavailable', async () => {
  const connection = connectInflux({ url: `http://127.0.0.1:${await unusedPort()}`, api: 'v1', database: 'd', timeoutMs: 1_000 })
  closing.push(() => connection.close())
  const works = [() => connection.writer.write(lines(1)), () => connection.ql.ask(['SHOW DATABASES']), connection.ping, connection.prepare]
  for (const work of works) expect((await failure(work())).code).toBe('store-unavailable')
})

test('preparing a v2 server makes bucket and mapping once', async () => {
  const { fake, connection } = await against()
  await connection.prepare()
  await connection.prepare()
  expect(fake.mappings()).toEqual([{ database: 'gauges', bucketID: expect.any(String), default: true }])
  expect(await connection.bytes()).toBe(3_524)
})

needing([influxd()], 'influxd 1.6: the poisoned points of a batch stand alone, whichever way the server refuses it', async (binary) => {
  const server = await startInfluxd(binary)
  closing.push(() => server.remove())
  const connection = connectInflux({ url: server.url, api: 'v1', database: 'it\'s "water"', timeoutMs: 10_000 })
  closing.push(() => connection.close())
  expect((await failure(connection.writer.write(lines(1)))).message).toContain('no such database')
  await connection.prepare()
  const stored = async (): Promise<unknown> => (await connection.ql.ask(['SELECT COUNT("value") FROM "observation"']))[0]?.[0]?.rows[0]?.[1]
  const poisons = [
    lineOf(50, '"a text"'),
    lineOf(51, 'NaN'),
    lineOf(52, '1i'),
    'observation,station= value=1 1',
    `${lineOf(53)}9999999999999999`,
  ]
  const batch = lines(40)
  poisons.forEach((line, i) => batch.splice(i * 7, 0, line))
  // Alone first, so that the types of the fields are known: in a new shard 1.6 lets the first point of a batch decide.
  expect(await connection.writer.write([lineOf(0)])).toEqual([])
  const refused = await connection.writer.write(batch)
  expect(refused.map(({ line }) => line)).toEqual(poisons)
  expect(refused.every(({ reason }) => reason !== '')).toBe(true)
  expect(await stored()).toBe(40)
  expect(await connection.writer.write(batch)).toHaveLength(poisons.length)
  expect(await stored()).toBe(40)
})
