import { expect, test } from '@jest/globals'
import { clearness, createVolts, signalAt, statusOf, tryingMs } from './housekeeping.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const upkeep = { key: 5, lon: 120, seed: 1, isSolar: true }
/** V at an hour by the sun of many days from a date on. */
function at(date: string, clock: number, more: object = {}): number[] {
  const volts = createVolts({ ...upkeep, ...more })
  const start = Date.parse(`${date}T00:00:00+08:00`)
  return Array.from({ length: 30 }, (_, each) => volts(start + each * day + clock * hour, 0))
}
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length

test('the sun charges by day, less in winter, and less under clouds', () => {
  expect(mean(at('2026-06-15', 13))).toBeGreaterThan(mean(at('2026-06-15', 3)) + 0.4)
  expect(mean(at('2026-06-15', 13))).toBeGreaterThan(mean(at('2025-12-15', 13)) + 0.15)
  const start = Date.parse('2025-12-15T04:00:00Z')
  const noons = Array.from({ length: 30 }, (_, each) => start + each * day)
  const volts = createVolts(upkeep)
  const under = (isClear: boolean): number[] => noons.flatMap((noon) => (clearness(noon, 1) > 0.65 === isClear ? [volts(noon, 0)] : []))
  expect(mean(under(true))).toBeGreaterThan(mean(under(false)) + 0.1)
})

test('weeks of rain empty a battery, whenever somebody begins to look', () => {
  const wet = at('2025-12-15', 3, { rain: () => 2 })
  expect(wet[29]).toBeLessThan(mean(at('2025-12-15', 3)) - 0.5)
  const last = Date.parse('2025-12-15T03:00:00+08:00') + 29 * day
  expect(createVolts({ ...upkeep, rain: () => 2 })(last, 0)).toBe(wet[29])
})

test('mains know no sun; a battery that breaks down shows it', () => {
  const spread = [...at('2026-06-15', 3, { isSolar: false }), ...at('2026-06-15', 13, { isSolar: false })]
  expect(Math.max(...spread) - Math.min(...spread)).toBeLessThan(0.3)
  const volts = createVolts(upkeep)
  expect(volts(day, 0)).toBeGreaterThan(volts(day, 0.5))
  expect(volts(day, 1)).toBeLessThan(11)
})

test('a poor signal takes several tries, a good one none', () => {
  const moments = Array.from({ length: 200 }, (_, i) => i * 17 * minute)
  const fleet = Array.from({ length: 200 }, (_, key) => ({
    dbm: mean(moments.map((one) => signalAt(one, { key, seed: 1 }))),
    tried: mean(moments.map((one) => tryingMs(one, { key, seed: 1 }))),
  }))
  const [poor, good] = [fleet.filter(({ dbm }) => dbm < -95), fleet.filter(({ dbm }) => dbm > -95)]
  expect(poor.length).toBeGreaterThan(10)
  expect(poor.length).toBeLessThan(45)
  expect(Math.max(...good.map(({ tried }) => tried))).toBeLessThan(1_000)
  expect(mean(poor.map(({ tried }) => tried))).toBeGreaterThan(5_000)
  const [weakest, strongest] = [...poor]
    .sort((a, b) => a.dbm - b.dbm)
    .flatMap((one, i, all) => (i === 0 || i === all.length - 1 ? [one] : []))
  expect(weakest?.tried).toBeGreaterThan((strongest?.tried ?? 0) + 5_000)
})

test('a device says both in the words of the native format', () => {
  expect(statusOf(12.714, -72.4).map(({ name, value }) => [name, value])).toEqual([
    ['battery', 12.71],
    ['signal', -72],
  ])
})
