import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { deviceId } from '../domain/ids.ts'
import { rejectionReasons, type Rejection } from '../domain/rejection.ts'
import { quarantined } from './quarantine.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

test('every reason is documented, in the order of the list, and nothing else is', () => {
  const documented = [...read('../docs/quarantine.md').matchAll(/^\| `([a-z0-9-]+)` \| .+ \| .+ \|$/gm)].map(([, reason]) => reason)
  expect(documented).toEqual([...rejectionReasons])
})

test('every reason stands in a test', () => {
  const folders = ['.', 'codecs', 'testdata', '../store/influx']
  const files = folders.flatMap((folder) => readdirSync(new URL(folder, import.meta.url)).map((file) => `${folder}/${file}`))
  const proofs = files
    .filter((file) => /\.test\.ts$|testdata\/.+\.json$/.test(file) && !file.endsWith('quarantine.test.ts'))
    .map((file) => read(file))
  for (const reason of rejectionReasons)
    expect({ reason, isTested: proofs.some((text) => text.includes(reason)) }).toEqual({ reason, isTested: true })
})

const delivery = {
  device: deviceId('d'),
  source: 'mqtt' as const,
  topic: 'devices/d/readings',
  payload: Buffer.from('bytes'),
  receivedAt: 5,
  number: 3,
}
const refused = (count: number): Rejection[] =>
  Array.from({ length: count }, (_, item) => ({ reason: item % 2 ? 'bad-time' : 'wrong-shape', detail: `item ${item}`, values: 2, item }))

test('an entry carries its delivery', () => {
  expect(quarantined(delivery, refused(1))).toEqual([
    {
      reason: 'wrong-shape',
      detail: 'item 0',
      values: 2,
      item: 0,
      device: 'd',
      delivery: 3,
      receivedAt: 5,
      topic: 'devices/d/readings',
      payload: delivery.payload,
    },
  ])
})

test('sixteen rejections stand alone, more are joined by reason, and the values still add up', () => {
  const values = (count: number): number => quarantined(delivery, refused(count)).reduce((sum, entry) => sum + entry.values, 0)
  expect(quarantined(delivery, refused(16))).toHaveLength(16)
  expect(quarantined(delivery, refused(9999)).map(({ reason, item, detail }) => [reason, item, detail])).toEqual([
    ['wrong-shape', 0, 'item 0 (and 4999 more items for this reason)'],
    ['bad-time', 1, 'item 1 (and 4998 more items for this reason)'],
  ])
  expect(values(16)).toBe(32)
  expect(values(9999)).toBe(19_998)
})
