import { expect, test } from '@jest/globals'
import { deviceId } from '../domain/ids.ts'
import { createGuardedClock, type GuardedClock } from './guarded-clock.ts'

const start = Date.UTC(2026, 10, 22, 4)
const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

interface Rig {
  clock: GuardedClock
  /** Lets time go by; the clock is asked each second, as deliveries do. */
  pass(ms: number): void
  /** Sets the system clock. */
  shift(ms: number): void
  /** The machine sleeps: the monotonic clock stands. */
  sleep(ms: number): void
  /** Our clock minus what is true, ms. */
  error(): number
  told: string[]
}

function rig(): Rig {
  let [elapsed, shifted, slept] = [0, 0, 0]
  const told: string[] = []
  const clock = createGuardedClock(
    { now: () => start + elapsed + slept + shifted, monotonic: () => 17.25 + elapsed, uptime: () => 900_000 + elapsed + slept },
    (outcome) => void told.push(outcome),
  )
  return {
    clock,
    pass: (ms) => {
      for (let gone = 0; gone < ms; gone += second) {
        elapsed += second
        clock.now()
      }
    },
    shift: (ms) => void (shifted += ms),
    sleep: (ms) => void (slept += ms),
    error: () => clock.now() - (start + elapsed + slept),
    told,
  }
}

const say = ({ clock }: Rig, names: string, at: number | 'ahead'): void => {
  for (const name of names.split(' ')) clock.witness(deviceId(name), at)
}

test('small steps are followed at once, and never back', () => {
  const here = rig()
  here.shift(20 * second)
  expect(here.error()).toBe(20 * second)
  here.shift(-30 * second)
  expect(here.error()).toBe(20 * second)
  here.pass(hour)
  expect([here.error(), here.clock.doubt(), here.told]).toEqual([-10 * second, null, []])
})

test('a clock that creeps is followed, however far', () => {
  const here = rig()
  for (let i = 0; i < 1_000; i++) {
    here.pass(second)
    here.shift(500)
  }
  expect([here.error(), here.told]).toEqual([500 * second, []])
})

test.each([day, -hour])('a jump by %d ms that is taken back is never seen', (jump) => {
  const here = rig()
  here.pass(minute)
  here.shift(jump)
  expect(here.error()).toBe(0)
  here.pass(9 * minute)
  expect([here.error(), here.clock.doubt()]).toEqual([0, { byMs: jump, at: start + minute, agree: 0, differ: 0 }])
  here.shift(-jump)
  expect([here.error(), here.clock.doubt(), here.told]).toEqual([0, null, ['doubted', 'taken-back']])
  expect(here.clock.jumps()).toEqual({ doubted: 1, believed: 0, 'taken-back': 1 })
})

test.each([day, -hour])('a jump by %d ms is believed in ten minutes when no device says anything', (jump) => {
  const here = rig()
  here.shift(jump)
  here.pass(10 * minute)
  expect(here.error()).toBe(0)
  here.pass(second)
  expect([here.error(), here.clock.doubt(), here.told]).toEqual([jump, null, ['doubted', 'believed']])
  here.pass(minute)
  expect(here.error()).toBe(jump)
})

test.each([day, -hour])('a jump by %d ms that readings do not fit is not believed, however long it stands', (jump) => {
  const here = rig()
  here.shift(jump)
  here.pass(second)
  say(here, 'a b', here.clock.now() - minute)
  say(here, 'broken', 0)
  here.pass(2 * day)
  expect({ error: here.error(), ...here.clock.doubt() }).toMatchObject({ error: 0, byMs: jump, agree: 0, differ: 2 })
})

test.each([day, -hour])('a jump by %d ms that more readings fit than not is believed in a minute', (jump) => {
  const here = rig()
  here.shift(jump)
  here.pass(second)
  say(here, 'a b', here.clock.now())
  say(here, 'a', here.clock.now() + jump)
  here.pass(hour)
  expect({ error: here.error(), ...here.clock.doubt() }).toMatchObject({ error: 0, agree: 1, differ: 1 })
  say(here, 'b', here.clock.now() + jump)
  here.pass(second)
  expect(here.error()).toBe(jump)
})

test('three devices are enough at once, and readings that were refused as ahead speak for a clock that went ahead', () => {
  const here = rig()
  here.shift(day)
  here.pass(second)
  say(here, 'a b c', 'ahead')
  expect(here.error()).toBe(day)
  here.shift(-day)
  here.pass(second)
  say(here, 'a b c', 'ahead')
  here.pass(minute)
  expect(here.clock.doubt()).toMatchObject({ agree: 0, differ: 0 })
})

test('a machine that slept for a day goes on at once, again and again', () => {
  const here = rig()
  for (const ms of [day, 2 * hour, day]) {
    here.pass(minute)
    here.sleep(ms)
    expect(here.error()).toBe(0)
  }
  here.shift(day)
  here.pass(minute)
  expect([here.error(), here.told]).toEqual([0, ['doubted']])
})

test('a second jump is a doubt of its own', () => {
  const here = rig()
  here.shift(day)
  here.pass(9 * minute)
  say(here, 'a', here.clock.now())
  here.shift(day)
  here.pass(2 * second)
  expect(here.clock.doubt()).toMatchObject({ byMs: 2 * day, agree: 0, differ: 0 })
  expect(here.told).toEqual(['doubted', 'doubted'])
})
