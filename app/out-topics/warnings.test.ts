import { setImmediate as breathe } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { WarningNote } from '../../api/schemas/warning.ts'
import { createLiveHub } from '../../domain/events.ts'
import { createFleet } from '../../domain/fleet.ts'
import { runId, warningId } from '../../domain/ids.ts'
import type { Warning } from '../../domain/warning.ts'
import { createMemoryStore } from '../../store/memory.ts'
import { warningOf } from '../../store/testing/rows.ts'
import { until } from '../../testing/server.ts'
import { createWarningTopics, mostWaiting } from './warnings.ts'

const one = (part: Partial<Warning> = {}) => warningOf(part)
const other = (part: Partial<Warning> = {}) => warningOf({ id: warningId('w-2'), ...part })
const ended = { state: 'cleared', endedAt: 1 } as const

function topicsOver(kept: readonly Warning[], simulated = false) {
  const { warnings } = createMemoryStore()
  const live = createLiveHub()
  /** What stands retained, and all that was told, as `id version`; the end as `id -`. */
  const [retained, told] = [new Map<string, WarningNote>(), [] as string[]]
  const state = { room: 1, isAway: false, faults: 0 }
  const publish = (topic: string, payload: string | Uint8Array) => {
    const id = topic.replace('warnings/qingxi/', '')
    const note = payload === '' ? null : (JSON.parse(String(payload)) as WarningNote)
    told.push(`${id} ${note?.version ?? '-'}`)
    if (note) retained.set(id, note)
    else retained.delete(id)
  }
  const topics = createWarningTopics({
    ...{ live, simulated, fleet: () => createFleet([]), breathe: () => breathe(), wait: () => breathe() },
    broker: { room: () => state.room, publish },
    warnings: { warnings: (query) => (state.isAway ? Promise.reject(new Error('away')) : warnings.warnings(query)) },
    onTrouble: () => state.faults++,
  })
  const keep = async (versions: readonly Warning[]) => {
    await warnings.putWarnings(versions, null)
    live.emit({ name: 'warnings', versions })
  }
  const put = (versions: readonly Warning[]) => warnings.putWarnings(versions, null)
  return { topics, retained, told, state, keep, put, ready: put(kept) }
}

test('each version stands retained, and the end takes it away', async () => {
  const { topics, retained, told, keep } = topicsOver([])
  const marks = { ...one().marks, retrospective: true, drill: true }
  await keep([one(), one({ version: 2, level: 'red', marks }), other()])
  await until(() => told.length === 3)
  expect([...retained.values()]).toMatchObject([
    { id: 'w-1', version: 2, level: 'red', state: 'active', marks: { retrospective: true, drill: true }, why: { zh: one().why.zh } },
    { id: 'w-2', version: 1 },
  ])
  await keep([one({ version: 3, ...ended })])
  await until(() => told.length === 4)
  expect(told).toEqual(['w-1 1', 'w-1 2', 'w-2 1', 'w-1 -'])
  expect(topics.figures()).toEqual({ told: 4, standing: 1 })
  await topics.close()
})

test('what stood open at the start is told again, as soon as the store answers', async () => {
  const { topics, told, state, ready } = topicsOver([one({ version: 4 }), other(ended)])
  state.isAway = true
  await ready
  await until(() => state.faults > 1)
  expect(told).toEqual([])
  state.isAway = false
  await until(() => told.length > 0)
  await topics.close()
  expect(told).toEqual(['w-1 4'])
})

test('an older version, and the end of one that was not told, say nothing', async () => {
  const { topics, told, keep } = topicsOver([])
  await keep([one({ version: 2 })])
  await keep([one({ version: 1 }), other({ version: 2, ...ended }), one({ version: 3 })])
  await until(() => told.length === 2)
  await topics.close()
  expect(told).toEqual(['w-1 2', 'w-1 3'])
})

test('what the queue had no room for is read from the store: no warning is lost, and none stands that ended', async () => {
  const { topics, retained, told, state, keep } = topicsOver([])
  await keep([one()])
  await until(() => told.length === 1)
  state.room = 0
  await keep(Array.from({ length: mostWaiting }, (_, n) => one({ version: 2 + n })))
  await keep([one({ version: 2 + mostWaiting, ...ended }), other()])
  state.room = 1
  await until(() => told.at(-1) === 'w-2 1')
  expect([...retained.keys()]).toEqual(['w-2'])
  expect(topics.figures().standing).toBe(1)
  await topics.close()
})

test('warnings of simulations are told where that is asked for only', async () => {
  const kept = [one({ run: runId('storm') }), other()]
  for (const simulated of [false, true]) {
    const { topics, told, keep } = topicsOver([], simulated)
    await keep(kept)
    await until(() => told.includes('w-2 1'))
    expect(told).toEqual(simulated ? ['w-1 1', 'w-2 1'] : ['w-2 1'])
    await topics.close()
  }
})
