import { expect, test } from '@jest/globals'
import type { Accept } from '../domain/delivery.ts'
import { runId } from '../domain/ids.ts'
import { startTicks } from './ticks.ts'

const start = Date.UTC(2026, 10, 22, 4, 0, 40)

/** Time that goes by only when somebody waits for it. */
function rig(accept: Accept) {
  let [now, due]: [number, (() => void) | null] = [start, null]
  const waits: number[] = []
  const stop = startTicks({
    accept,
    wallRuns: () => [runId('demo')],
    onError: () => undefined,
    world: {
      now: () => now,
      timers: {
        setTimeout: (run, ms) => {
          waits.push(ms)
          return (due = () => {
            now += ms
            run()
          })
        },
        clearTimeout: (handle) => void (due === handle && (due = null)),
      },
    },
  })
  return {
    waits,
    shift: (ms: number) => void (now += ms),
    async minute() {
      due?.()
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    },
    stop,
    isWaiting: () => due !== null,
  }
}

test('the clock is journalled at each full minute, for the real fleet and the runs at our time', async () => {
  const ticks: string[] = []
  const here = rig(async ({ topic, payload, receivedAt }) => void ticks.push(`${topic} ${String(payload)} ${receivedAt - start}`))
  await here.minute()
  here.shift(-3) // a timer that came a little early
  await here.minute()
  expect(here.waits).toEqual([20_000, 60_000, 60_003])
  const line = (topic: string, at: number): string => `${topic} {"at":${start + at}} ${at}`
  expect(ticks).toEqual([line('wall', 20_000), line('run/demo', 20_000), line('wall', 79_997), line('run/demo', 79_997)])
  await here.stop()
  expect(here.isWaiting()).toBe(false)
})

test('a journal that takes nothing costs a tick, not those behind it', async () => {
  let asked = 0
  const here = rig(async () => {
    asked += 1
    throw new Error('full')
  })
  await here.minute()
  await here.minute()
  expect([asked, here.isWaiting()]).toEqual([4, true])
  await here.stop()
})
