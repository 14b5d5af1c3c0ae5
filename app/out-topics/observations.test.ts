import { setImmediate as breathe } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { ObservationRow } from '../../api/schemas/observation.ts'
import { createLiveHub } from '../../domain/events.ts'
import { runId } from '../../domain/ids.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import { minute, seriesOf, start, storedRow } from '../../store/testing/rows.ts'
import { until } from '../../testing/server.ts'
import { createObservationTopics, mostWaiting } from './observations.ts'

/** Topics before a broker that somebody listens to who wants those with `wanted` in them. */
function topicsFor(wanted: string | null, { simulated = false, room = 1_000 } = {}) {
  const live = createLiveHub()
  const published: { topic: string; row: ObservationRow; qos: number | undefined }[] = []
  const broker = { isOpen: room > 0, asked: 0 }
  const topics = createObservationTopics({
    ...{ live, simulated, breathe: () => breathe(), wait: () => breathe() },
    broker: {
      listens: (topic) => (broker.asked++, wanted !== null && topic.includes(wanted)),
      listensBelow: () => wanted !== null,
      room: () => (broker.isOpen ? room || 1_000 : 0),
      publish: (topic, payload, options) => published.push({ topic, row: JSON.parse(String(payload)), qos: options?.qos }),
    },
  })
  const observe = (rows: readonly StoredRow[]) => live.emit({ name: 'observed', commit: 1, observations: rows })
  return { topics, published, broker, observe }
}

test('each state of an observation is told in order, in the shape of the api, to those who listen', async () => {
  const { topics, published, observe } = topicsFor('qingxi')
  const first = storedRow({ value: 3.42, flag: 3, tests: 2 })
  observe([first, storedRow({ series: seriesOf('elsewhere') }), storedRow({ observedAt: start + minute })])
  observe([
    { ...first, value: 3.5, arrival: 'revised' },
    { ...first, value: 3.5, flag: 1, tests: 0, arrival: 'judged' },
  ])
  expect(published).toEqual([])
  await until(() => published.length === 4)
  expect(published.map(({ topic, row }) => [topic, row.observedAt - start, row.value, row.flag])).toEqual([
    ['observations/qingxi/water_level/1', 0, 3.42, 3],
    ['observations/qingxi/water_level/1', minute, 3.42, 1],
    ['observations/qingxi/water_level/1', 0, 3.5, 3],
    ['observations/qingxi/water_level/1', 0, 3.5, 1],
  ])
  expect(published[0]).toMatchObject({ qos: 1, row: { series: 'qingxi/water_level/1', tests: ['spike'], device: 'rtu-0017', run: null } })
  await topics.close()
})

test('where nobody listens nothing is asked of single observations', async () => {
  const { topics, broker, published, observe } = topicsFor(null)
  observe(Array.from({ length: 1_000 }, () => storedRow()))
  await breathe()
  expect([broker.asked, published.length]).toEqual([0, 0])
  await topics.close()
})

test('simulated observations are told where that is asked for only, with their run', async () => {
  const rows = [storedRow({ run: runId('storm') }), storedRow({ observedAt: start + minute })]
  const real = topicsFor('qingxi')
  real.observe(rows)
  await until(() => real.published.length === 1)
  expect(real.published[0]?.row.run).toBeNull()
  const both = topicsFor('qingxi', { simulated: true })
  both.observe(rows)
  await until(() => both.published.length === 2)
  expect(both.published[0]?.row.run).toBe('storm')
  await Promise.all([real.topics.close(), both.topics.close()])
  expect(real.topics.figures()).toEqual({ told: 1, waiting: 0, dropped: 0 })
})

test('while the broker has no room so many wait, and more are dropped and counted', async () => {
  const { topics, published, broker, observe } = topicsFor('qingxi', { room: 0 })
  const commit = Array.from({ length: 20_000 }, () => storedRow())
  for (let n = 0; n < 3; n++) observe(commit)
  await breathe()
  expect(topics.figures()).toEqual({ told: 0, waiting: mostWaiting, dropped: 10_000 })
  broker.isOpen = true
  await until(() => published.length === mostWaiting)
  expect(topics.figures()).toEqual({ told: mostWaiting, waiting: 0, dropped: 10_000 })
  await topics.close()
})
