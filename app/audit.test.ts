import { expect, test } from '@jest/globals'
import type { AuditFilter, AuditNote } from '../domain/audit.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { openAudit } from './audit.ts'

const note = (fields: Partial<AuditNote> = {}): AuditNote => ({
  ...{ action: 'revokeDevice', outcome: 'done', who: 'admin', target: 'rtu-1', address: '192.0.2.1', reason: null, detail: '' },
  ...fields,
})
const refusal = (fields: Partial<AuditNote> = {}): AuditNote =>
  note({ action: 'mqtt-refused', outcome: 'refused', who: null, target: null, reason: 'login-refused', ...fields })

async function log(documents: DocumentStore = createMemoryStore().documents) {
  const clock = { now: Date.UTC(2026, 10, 28) }
  const due: (() => void)[] = []
  const timers = { setTimeout: (run: () => void) => due.push(run), clearTimeout: () => undefined }
  const troubles: unknown[] = []
  const audit = await openAudit({ documents, world: { now: () => clock.now, timers }, onTrouble: (error) => troubles.push(error) })
  return { audit, clock, due, troubles, documents }
}

test('what was recorded is there at once, newest first, page by page, and after a restart', async () => {
  const { audit, clock, documents } = await log()
  for (const target of ['a', 'b', 'c']) {
    await audit.record(note({ target }))
    clock.now += 1
  }
  const again = (await log(documents)).audit
  const targets = async (query: { limit: number; after?: string }) => {
    const { entries, next } = await again.list(query)
    return { targets: entries.map(({ target }) => target), next }
  }
  expect(await targets({ limit: 3 })).toEqual({ targets: ['c', 'b', 'a'], next: null })
  const { next } = await again.list({ limit: 1 })
  expect(await targets({ limit: 1, after: next ?? '' })).toMatchObject({ targets: ['b'], next: expect.any(String) })
})

test('a flood is one entry a reason, address and minute, with its count', async () => {
  const { audit, clock } = await log()
  for (let i = 0; i < 1_000; i += 1) audit.count(refusal({ address: `192.0.2.${i % 2}`, who: `rtu-${i}` }))
  clock.now += 60_000
  audit.count(refusal())
  await audit.close()
  const { entries } = await audit.list({ limit: 10 })
  expect(entries.map(({ address, count, who }) => ({ address, count, who }))).toEqual([
    { address: '192.0.2.1', count: 1, who: null },
    { address: '192.0.2.1', count: 500, who: 'rtu-1' },
    { address: '192.0.2.0', count: 500, who: 'rtu-0' },
  ])
  audit.count(refusal({ who: 'officer-1', detail: 'role viewer', reason: 'forbidden' }))
  audit.count(refusal({ who: 'officer-2', detail: 'role engineer', reason: 'forbidden' }))
  audit.count(refusal({ who: 'officer-2', detail: 'role engineer', reason: 'forbidden' }))
  await audit.close()
  expect((await audit.list({ limit: 1 })).entries[0]).toMatchObject({ count: 3, detail: 'role viewer, also officer-2' })
  // behind one address many have a name, as far as they have room
  expect(entries[1]?.detail).toMatch(/^also rtu-3 rtu-5 rtu-7 /)
  expect(entries[1]?.detail.length).toBeLessThanOrEqual(200)
})

test('beyond a hundred kinds in a minute addresses are not told apart, and nothing goes uncounted', async () => {
  const { audit } = await log()
  for (let i = 0; i < 5_000; i += 1) audit.count(refusal({ address: `10.0.${i >> 8}.${i & 255}` }))
  await audit.close()
  const { entries } = await audit.list({ limit: 1_000 })
  expect(entries).toHaveLength(101)
  expect(entries.reduce((sum, entry) => sum + entry.count, 0)).toBe(5_000)
})

test('while the store is away nothing is lost and nobody waits for ever', async () => {
  const { documents } = createMemoryStore()
  let away = true
  const failing: DocumentStore = {
    ...documents,
    putAll: (...given) => (away ? Promise.reject(new Error('away')) : documents.putAll(...given)),
  }
  const { audit, troubles } = await log(failing)
  await audit.record(note())
  audit.count(refusal())
  expect(troubles).toHaveLength(1)
  expect(await audit.list({ limit: 10 })).toEqual({ entries: [], next: null })
  away = false
  await audit.record(note({ target: 'later' }))
  expect((await audit.list({ limit: 10 })).entries.map((entry) => entry.action).sort()).toEqual([
    'mqtt-refused',
    'revokeDevice',
    'revokeDevice',
  ])
})

test('what is too old goes', async () => {
  const { audit, clock } = await log()
  await audit.record(note({ target: 'old' }))
  clock.now += 401 * 86_400_000
  await audit.record(note({ target: 'new' }))
  await audit.record(note({ target: 'newer' }))
  expect((await audit.list({ limit: 10 })).entries.map((entry) => entry.target)).toEqual(['newer', 'new'])
})

test('the log is asked for a span, and for who did what to what, from where, and why not', async () => {
  const { audit, clock } = await log()
  const start = clock.now
  await audit.record(note({ target: 'rtu-1/5f3a', action: 'revokeCertificate' }))
  audit.count(refusal({ who: 'rtu-7' }))
  audit.count(refusal({ who: 'rtu-8' }))
  clock.now += 30_000
  audit.count(refusal({ who: 'rtu-9' }))
  clock.now += 3_600_000
  await audit.record(note({ who: 'li.wei', address: '192.0.2.2' }))
  await audit.record(note({ who: 'also rtu-7', detail: 'also rtu-8' }))
  await audit.close()
  const found = async (filter: AuditFilter) =>
    (await audit.list({ ...filter, limit: 10 })).entries.map(({ who, action }) => `${who} ${action}`)
  expect(await found({ who: 'li.wei' })).toEqual(['li.wei revokeDevice'])
  // who shares an entry with others is found in it; a change has no others
  expect(await found({ who: 'rtu-8' })).toEqual(['rtu-7 mqtt-refused'])
  expect(await found({ who: 'rtu' })).toEqual([])
  expect(await found({ action: 'mqtt-refused', reason: 'login-refused' })).toEqual(['rtu-7 mqtt-refused'])
  expect(await found({ outcome: 'refused', reason: 'other' })).toEqual([])
  expect(await found({ target: 'rtu-1', who: 'admin' })).toEqual(['admin revokeCertificate'])
  expect(await found({ target: '5f3a' })).toEqual(['admin revokeCertificate'])
  expect(await found({ address: '192.0.2.2' })).toEqual(['li.wei revokeDevice'])
  // the end is not in the span; what was counted until its begin is
  expect(await found({ from: start, to: start })).toEqual([])
  expect(await found({ from: start, to: start + 1 })).toHaveLength(2)
  expect(await found({ from: start + 30_000, to: start + 60_000 })).toEqual(['rtu-7 mqtt-refused'])
  expect(await found({ from: start + 60_000 })).toHaveLength(2)
  expect(await found({ to: start + 60_000 })).toHaveLength(2)
})

/** A store that holds a hundred thousand entries of one kind, an hour old, without having them in memory; `reads` = rows asked for at a time. */
function crowd(kind: 'audit' | 'tally', oldest: { target: string }) {
  const most = 100_000
  const at = Date.UTC(2026, 10, 28) - 3_600_000
  const keyOf = (i: number): string => `${String(1e15 - at + i).padStart(16, '0')}-1000000`
  const entryOf = (i: number) => ({ ...note(i === most - 1 ? oldest : {}), id: keyOf(i), at: at - i, until: at - i, count: 1 })
  const reads: number[] = []
  let kept = most
  const documents: DocumentStore = {
    ...createMemoryStore().documents,
    async list<Body>(collection: string, { after = '', limit = Infinity } = {}) {
      reads.push(limit)
      const first = after < keyOf(0) ? 0 : Number(after.slice(0, 16)) - Number(keyOf(0).slice(0, 16)) + 1
      const last = collection === kind ? Math.min(kept, first + limit) : 0
      return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i).map((i) => ({
        ...{ key: keyOf(i), updatedAt: at, body: entryOf(i) as Body },
      }))
    },
    async removeAfter(_collection, key) {
      const before = kept
      kept = Number(key.slice(0, 16)) - Number(keyOf(0).slice(0, 16)) + 1
      return before - kept
    },
  }
  return { documents, reads, keyOf, kept: () => kept, most }
}

test('of a hundred thousand entries a thousand are read at a time, and one page looks through twenty thousand', async () => {
  const { documents, reads, keyOf, most } = crowd('audit', { target: 'first of all' })
  const { audit } = await log({ ...documents, removeAfter: async () => 0 })
  reads.length = 0
  const pages: number[] = []
  const targets: (string | null)[] = []
  for (let after: string | null = ''; after !== null;) {
    const { entries, next } = await audit.list({ target: 'first of all', limit: 5, ...(after !== '' && { after }) })
    targets.push(...entries.map(({ target }) => target))
    pages.push(entries.length)
    after = next
  }
  expect(targets).toEqual(['first of all'])
  expect(pages).toHaveLength(6)
  expect(Math.max(...reads)).toBe(1_000)
  // a span is gone to, not looked for
  reads.length = 0
  const at = Date.UTC(2026, 10, 28) - 3_600_000
  const { entries, next } = await audit.list({ from: at - most + 1, to: at - most + 3, limit: 5 })
  expect([entries.map(({ id }) => id), next]).toEqual([[keyOf(most - 2), keyOf(most - 1)], null])
  expect(reads.length).toBeLessThanOrEqual(4)
})

test('a log that holds more than it may is cut while it is opened, a thousand at a time', async () => {
  const { documents, reads, kept } = crowd('tally', { target: '' })
  await log(documents)
  expect(kept()).toBe(22_000)
  expect(Math.max(...reads)).toBe(1_000)
})
