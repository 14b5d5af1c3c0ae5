import { expect, test } from '@jest/globals'
import type { AuditNote } from '../domain/audit.ts'
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
  const [first, ...rest] = await again.list({ limit: 10 })
  expect([first, ...rest].map((entry) => entry?.target)).toEqual(['c', 'b', 'a'])
  expect((await again.list({ limit: 1, after: first?.id ?? '' })).map((entry) => entry.target)).toEqual(['b'])
})

test('a flood is one entry a reason, address and minute, with its count', async () => {
  const { audit, clock } = await log()
  for (let i = 0; i < 1_000; i += 1) audit.count(refusal({ address: `192.0.2.${i % 2}`, who: `rtu-${i}` }))
  clock.now += 60_000
  audit.count(refusal())
  await audit.close()
  const entries = await audit.list({ limit: 10 })
  expect(entries.map(({ address, count, who }) => ({ address, count, who }))).toEqual([
    { address: '192.0.2.1', count: 1, who: null },
    { address: '192.0.2.1', count: 500, who: 'rtu-1' },
    { address: '192.0.2.0', count: 500, who: 'rtu-0' },
  ])
  audit.count(refusal({ who: 'officer-1', detail: 'role viewer', reason: 'forbidden' }))
  audit.count(refusal({ who: 'officer-2', detail: 'role engineer', reason: 'forbidden' }))
  audit.count(refusal({ who: 'officer-2', detail: 'role engineer', reason: 'forbidden' }))
  await audit.close()
  expect((await audit.list({ limit: 1 }))[0]).toMatchObject({ count: 3, detail: 'role viewer, also officer-2' })
  // behind one address many have a name, as far as they have room
  expect(entries[1]?.detail).toMatch(/^also rtu-3 rtu-5 rtu-7 /)
  expect(entries[1]?.detail.length).toBeLessThanOrEqual(200)
})

test('beyond a hundred kinds in a minute addresses are not told apart, and nothing goes uncounted', async () => {
  const { audit } = await log()
  for (let i = 0; i < 5_000; i += 1) audit.count(refusal({ address: `10.0.${i >> 8}.${i & 255}` }))
  await audit.close()
  const entries = await audit.list({ limit: 1_000 })
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
  expect(await audit.list({ limit: 10 })).toEqual([])
  away = false
  await audit.record(note({ target: 'later' }))
  expect((await audit.list({ limit: 10 })).map((entry) => entry.action).sort()).toEqual(['mqtt-refused', 'revokeDevice', 'revokeDevice'])
})

test('what is too old goes', async () => {
  const { audit, clock } = await log()
  await audit.record(note({ target: 'old' }))
  clock.now += 401 * 86_400_000
  await audit.record(note({ target: 'new' }))
  await audit.record(note({ target: 'newer' }))
  expect((await audit.list({ limit: 10 })).map((entry) => entry.target)).toEqual(['newer', 'new'])
})
