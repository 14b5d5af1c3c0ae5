import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { deviceId } from '../domain/ids.ts'
import type { Quarantined } from '../domain/rejection.ts'
import { openStore } from './registry.ts'
import type { Store } from './ports/store.ts'
import { duckdbConfig } from './testing/duckdb.ts'
import { commitOf, quarantinedOf } from './testing/rows.ts'

const bounds = { maxBytes: 2_500, maxBytesPerDevice: 1_500 }

/** An entry that takes 1,000 bytes. */
const entryOf = (device: string, part: Partial<Quarantined> = {}): Quarantined =>
  quarantinedOf({ device: deviceId(device), detail: 'd'.repeat(90), topic: 't'.repeat(10), payload: new Uint8Array(800), ...part })

type Seen = [device: string, reason: string, values: number, bytes: number]

async function seenIn(store: Store): Promise<Seen[]> {
  const entries = await store.ledger.quarantine({ limit: 100, state: 'open' })
  return entries.reverse().map(({ device, reason, values, payloadBytes }) => [device, reason, values, payloadBytes])
}

const heldIn = async (store: Store): Promise<[number, number]> => {
  const { bytes, bare } = await store.ledger.quarantineHeld()
  return [[...bytes.values()].reduce((sum, one) => sum + one, 0), bare]
}

test.each(['duckdb', 'memory'] as const)('%s: beyond the bounds values are counted by device and reason, without bytes', async (engine) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  const config = { engine, duckdb: duckdbConfig(), memory: { maxRows: 1_000 }, quarantine: bounds }
  let store = await openStore(config, { folder })
  let cursor = 0
  const put = (...quarantined: Quarantined[]): Promise<number> => store.ledger.commit(commitOf([], { cursor: (cursor += 1), quarantined }))
  await put(entryOf('a'), entryOf('a', { values: 3 }), entryOf('a', { values: 4 }), entryOf('a', { reason: 'bad-time' }))
  expect(await heldIn(store)).toEqual([1_000, 8])
  if (engine === 'duckdb') {
    await store.close()
    store = await openStore(config, { folder })
  }
  await put(entryOf('b'))
  await put(entryOf('c', { values: 2 }))
  await put(entryOf('a', { values: 5 }))
  expect(await seenIn(store)).toEqual([
    ['a', 'not-json', 1, 800],
    ['a', 'not-json', 7, 0],
    ['a', 'bad-time', 1, 0],
    ['b', 'not-json', 1, 800],
    ['c', 'not-json', 2, 0],
    ['a', 'not-json', 5, 0],
  ])
  const [, bare] = await store.ledger.quarantine({ limit: 2 })
  expect(bare?.detail).toMatch(/its bytes are not kept: the quarantine is full, see store.quarantine/)
  const groups = async (): Promise<unknown> =>
    (await store.ledger.quarantineGroups()).map(({ device, reason, values }) => [device, reason, values])
  const counted = await groups()
  await store.maintain(0)
  expect(await groups()).toEqual(counted)
  if (engine === 'duckdb')
    expect(await seenIn(store)).toEqual([
      ['a', 'not-json', 1, 800],
      ['a', 'bad-time', 1, 0],
      ['b', 'not-json', 1, 800],
      ['c', 'not-json', 2, 0],
      ['a', 'not-json', 12, 0],
    ])

  // what was run again makes room
  const outcome = { stored: 1, versions: 0, duplicate: 0, quarantined: 0 }
  const repair = { id: 'r-1', by: 'li', reason: 'mapped', entry: 1, delivery: 9, at: 0, outcome }
  await store.ledger.commit(commitOf([], { cursor: (cursor += 1), repaired: [repair] }))
  await put(entryOf('a', { values: 6 }))
  expect((await seenIn(store)).at(-1)).toEqual(['a', 'not-json', 6, 800])
  await store.close()
})
