import { PassThrough } from 'node:stream'
import { afterEach, expect, jest, test } from '@jest/globals'
import { createMemoryStore } from '../../store/memory.ts'
import { realWorld } from '../clock.ts'
import { createLog } from './log.ts'
import { startMaintenance } from './maintenance.ts'

afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

test('what the schedule has to say stands in the log, not on the console', async () => {
  jest.useFakeTimers({ now: Date.UTC(2026, 10, 22, 4, 10) })
  const console = (['error', 'warn', 'info', 'debug', 'log'] as const).map((way) => jest.spyOn(globalThis.console, way))
  const out = new PassThrough()
  const { log } = createLog({ level: 'info', isTerminal: false, monotonic: () => 0, out })
  let maintained = 0
  const store = { ...createMemoryStore(), maintain: async () => void (maintained += 1) }
  const stop = startMaintenance({ store, world: realWorld, log })
  await jest.advanceTimersByTimeAsync(8 * 60_000)
  expect(maintained).toBe(1)
  jest.setSystemTime(Date.UTC(2026, 10, 22, 7, 30))
  await jest.advanceTimersByTimeAsync(3_600_000)
  await stop()
  expect(String(out.read())).toMatch(/missed execution/)
  for (const way of console) expect(way).not.toHaveBeenCalled()
})
