import { expect, test } from '@jest/globals'
import { handTimers } from './hj212/testing/session-bench.ts'
import { LoginTurns } from './login-turns.ts'

const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function bench() {
  const { timers, fire } = handTimers()
  const clock = { now: 0 }
  const turns = new LoginTurns({ now: () => clock.now, timers, wrongLogins: 5 })
  const judged: string[] = []
  const judge = (address: string, password: string, isOver = (): boolean => false) =>
    turns.judge(address, isOver, async () => (judged.push(password), password === 'right'))
  return { judge, judged, fire, clock }
}

test('five wrong passwords of an address are judged at once, then one at a time, right ones among them; others do not wait', async () => {
  const { judge, judged, fire, clock } = bench()
  const guesses = Array.from({ length: 7 }, (_, n) => judge('192.0.2.1', `guess-${n}`))
  const right = judge('192.0.2.1', 'right')
  expect(await judge('192.0.2.2', 'right')).toBe(true)
  await Promise.all(guesses.slice(0, 5))
  await settled()
  expect(judged).toEqual(
    ['right', 'guess-0', 'guess-1', 'guess-2', 'guess-3', 'guess-4'].sort((a, b) => judged.indexOf(a) - judged.indexOf(b)),
  )
  for (const next of ['guess-5', 'guess-6', 'right']) {
    expect(fire(100)).toBe(1)
    await settled()
    expect(judged.at(-1)).toBe(next)
  }
  expect(await right).toBe(true)
  clock.now = 60_001
  expect(await judge('192.0.2.1', 'a minute later')).toBe(false)
})

test('a whole fleet behind one address is judged five at a time, and no more than may still be wrong', async () => {
  const { timers } = handTimers()
  const turns = new LoginTurns({ now: () => 0, timers, wrongLogins: 5 })
  const begun: ((isRight: boolean) => void)[] = []
  const fleet = Array.from({ length: 12 }, () =>
    turns.judge(
      '192.0.2.1',
      () => false,
      () => new Promise((resolve) => void begun.push(resolve)),
    ),
  )
  await settled()
  expect(begun).toHaveLength(5)
  for (const answer of begun.slice(0, 3)) answer(false)
  await settled()
  expect(begun).toHaveLength(5)
  begun[3]?.(true)
  await settled()
  expect(begun).toHaveLength(6)
  for (let n = 4; n < 12; n += 1) {
    begun[n]?.(true)
    await settled()
  }
  expect((await Promise.all(fleet)).filter((isRight) => isRight === true)).toHaveLength(9)
})

test('a line that is over is not judged, and what throws holds up nobody', async () => {
  const { judge, judged } = bench()
  expect(await judge('192.0.2.1', 'right', () => true)).toBeNull()
  expect(judged).toEqual([])
  const { timers } = handTimers()
  const turns = new LoginTurns({ now: () => 0, timers, wrongLogins: 1 })
  const away = turns.judge(
    '192.0.2.1',
    () => false,
    () => Promise.reject(new Error('the store is away')),
  )
  const next = turns.judge(
    '192.0.2.1',
    () => false,
    () => Promise.resolve(true),
  )
  await expect(away).rejects.toThrow('away')
  expect(await next).toBe(true)
})
