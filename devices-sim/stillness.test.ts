import { expect, test } from '@jest/globals'
import { SendingStopped } from './errors.ts'
import { watchStillness } from './stillness.ts'

/** A watch whose clock moves by hand. */
function watched() {
  const seen = { acknowledged: 0, due: null as (() => void) | null, givenUp: [] as Error[] }
  const stop = new AbortController()
  const watch = watchStillness(stop.signal, {
    timers: { setTimeout: (run) => (seen.due = run), clearTimeout: () => (seen.due = null) },
    acknowledged: () => seen.acknowledged,
    giveUp: (reason) => void seen.givenUp.push(reason),
  })
  return { seen, stop, watch }
}

test('what is acknowledged no more is given up, but not before it is to stop', () => {
  const { seen, stop } = watched()
  expect(seen.due).toBeNull()
  stop.abort()
  seen.acknowledged = 1
  seen.due?.()
  expect(seen.givenUp).toEqual([])
  seen.due?.()
  expect(seen.givenUp).toEqual([expect.any(SendingStopped)])
})

test('a step that takes for ever though its messages are acknowledged one by one is given up too', () => {
  const { seen, stop } = watched()
  stop.abort()
  for (let look = 0; look < 5; look += 1) {
    expect(seen.givenUp).toEqual([])
    seen.acknowledged += 1
    seen.due?.()
  }
  expect(seen.givenUp).toHaveLength(1)
})

test('nothing is given up once all is done', () => {
  const { seen, stop, watch } = watched()
  stop.abort()
  watch.end()
  expect(seen.due).toBeNull()
})
