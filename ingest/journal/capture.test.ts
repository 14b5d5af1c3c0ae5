import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deviceId } from '../../domain/ids.ts'
import type { JournalledDelivery } from '../../domain/delivery.ts'
import type { JournalBatch } from '../ports.ts'
import { exportCapture, readCapture, type CaptureRecord } from './capture.ts'
import { CaptureInvalid } from './errors.ts'
import { delivery, freshFolder, opened } from './testing/journals.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** A journal that holds these deliveries and has lost some numbers. */
function holding(deliveries: readonly JournalledDelivery[], damaged: JournalBatch['damaged'] = []) {
  return {
    async read(after: number, limit: number): Promise<JournalBatch | null> {
      const found = deliveries.filter((one) => one.number > after).slice(0, limit)
      const cursor = found.at(-1)?.number ?? after
      const lost = damaged.filter((range) => range.first > after && range.first <= cursor)
      return found.length === 0 ? null : { deliveries: found, cursor, damaged: lost }
    },
  }
}

/** Cuts bytes into pieces of any size, as files and sockets do. */
async function* inPieces(chunks: readonly Uint8Array[], size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.concat(chunks)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const networks = [{ run: 'storm-1', network: { network: { id: 'storm' } } }]

test('a capture gives back what was captured, whatever the payloads are', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((body) => Uint8Array.from(Buffer.from(body)))
  const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), text)
  const source = fc.constantFrom('mqtt', 'http', 'hj212', 'sl651', 'szy206', 'tick', 'correction')
  const record = fc.record({ device: fc.string().map(deviceId), source, topic: fc.string(), payload, receivedAt: fc.integer() })
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 15 }), fc.integer({ min: 1, max: 50 }), async (records, size) => {
      const deliveries = records.map((one, i) => ({ ...one, number: i + 1 }))
      const exported = await all(exportCapture(holding(deliveries), { from: 1, to: deliveries.length, networks }))
      const read = await all(readCapture(inPieces(exported, size)))
      expect(read).toEqual([{ networks }, ...deliveries.map((one) => ({ delivery: { ...one, payload: Buffer.from(one.payload) } }))])
    }),
  )
})

test('a capture holds the numbers asked for, no more', async () => {
  const journal = await opened(await freshFolder())
  await Promise.all(Array.from({ length: 3_000 }, (_, i) => journal.accept(delivery(`${i + 1}`))))
  const numbers = async (from: number, to: number) =>
    (await all(readCapture(inPieces(await all(exportCapture(journal, { from, to, networks: [] })), 65_536)))).flatMap(
      (one) => one.delivery?.number ?? [],
    )
  expect(await numbers(10, 12)).toEqual([10, 11, 12])
  expect(await numbers(500, 2_750)).toEqual(Array.from({ length: 2_251 }, (_, i) => 500 + i))
  expect(await numbers(2_999, 9_999)).toEqual([2_999, 3_000])
  expect(await numbers(5_000, 9_999)).toEqual([])
})

test('what the journal has lost stands in the capture at its place', async () => {
  const deliveries = [1, 2, 7, 8].map((number) => ({ ...delivery(`${number}`), number }))
  const journal = holding(deliveries, [{ first: 3, last: 6 }])
  const read = await all(readCapture(inPieces(await all(exportCapture(journal, { from: 1, to: 8, networks: [] })), 100)))
  expect(read.slice(1).map((one) => one.delivery?.number ?? one.damaged)).toEqual([1, 2, { first: 3, last: 6 }, 7, 8])
})

test('a capture of some holds no others', async () => {
  const deliveries = [1, 2, 3].map((number) => ({ ...delivery(`${number}`), number }))
  const order = { from: 1, to: 3, networks: [], takes: ({ number }: { number: number }) => number !== 2 }
  const read = await all(readCapture(inPieces(await all(exportCapture(holding(deliveries), order)), 100)))
  expect(read.flatMap((one) => one.delivery?.number ?? [])).toEqual([1, 3])
})

test('text payloads can be read by people', async () => {
  const [, line] = Buffer.concat(
    await all(exportCapture(holding([{ ...delivery('{"浊漳河":1}', 7), number: 4 }]), { from: 4, to: 4, networks: [] })),
  )
    .toString()
    .split('\n')
  expect(JSON.parse(line ?? '')).toEqual({
    number: 4,
    receivedAt: 7,
    source: 'mqtt',
    device: 'rtu-0017',
    topic: 'devices/rtu-0017/readings',
    text: '{"浊漳河":1}',
  })
})

test('a file that is no capture is refused with its line', async () => {
  const refused = async (lines: string[], sentence: RegExp) => {
    const read: Promise<CaptureRecord[]> = all(readCapture(inPieces([Buffer.from(lines.join('\n'))], 10)))
    await expect(read).rejects.toThrow(CaptureInvalid)
    await expect(read).rejects.toThrow(sentence)
  }
  const good = '{"number":1,"receivedAt":1,"source":"mqtt","device":"d","topic":"t","text":""}'
  await refused([], /empty/)
  await refused(['time,station,parameter,value'], /line 1 .* not JSON/)
  await refused(['{"a":1}'], /not \{"capture":1\}/)
  await refused(['{"capture":2}'], /format is 2/)
  await refused(['{"capture":1,"networks":[7]}'], /line 1 .* networks are none/)
  await refused(['{"capture":1}', good, '{"number":2,"rece'], /line 3 .* not JSON; the file may be cut off/)
  await refused(['{"capture":1}', good.replace('mqtt', 'carrier pigeon')], /line 2 .* source/)
  await refused(['{"capture":1}', good.replace(',"text":""', '')], /line 2 .* neither text nor base64/)
  await refused(['{"capture":1}', '7'], /line 2 .* not an object/)
})
