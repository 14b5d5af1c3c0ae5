import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addWater, carrying, noAmounts, substances, water, type Amounts } from './amounts.ts'
import { createLand, createReach, leaving, reservoirLevel, reservoirOutflow, reservoirVolume, stageOf, stepS } from './hydrology.ts'

const dirt = carrying({ salt: 100, sediment: 10, ammonia: 1, organic: 5, phosphorus: 0.1 })
const parcel = (volume: number): Amounts => {
  const amounts = noAmounts()
  addWater(amounts, volume, dirt)
  return amounts
}
const close = (a: number, b: number, scale: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, scale))

test('a rating is read backwards: the level that carries a flow', () => {
  const rating = { c: 15, h0: 0.1, b: 1.8 }
  expect(stageOf(rating, 0)).toBe(0.1)
  expect(stageOf(rating, 4.30762)).toBeCloseTo(0.6, 5)
  expect(stageOf(rating, 27.4866)).toBeCloseTo(1.5, 5)
})

test('a linear reservoir empties by e in its own time', () => {
  const share = leaving(3)
  let left = 1
  for (let step = 0; step < (3 * 3600) / stepS; step += 1) left *= 1 - share
  expect(left).toBeCloseTo(Math.exp(-1), 12)
})

test('a reach gives back what it took, on average after its travel time', () => {
  for (const hours of [0.2, 1, 1.5, 5]) {
    const reach = createReach(hours)
    let [sum, moment] = [0, 0]
    for (let step = 0; step < 2000; step += 1) {
      const out = noAmounts()
      reach.route(step === 0 ? parcel(1000) : noAmounts(), out)
      sum += out[water] ?? 0
      moment += (out[water] ?? 0) * step
    }
    expect(sum).toBeCloseTo(1000, 6)
    expect(Math.abs((moment / sum) * (stepS / 3600) - hours)).toBeLessThan(0.1)
  }
})

test('nothing is lost or made in a reach', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 12, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 80 }),
      (hours, inflows) => {
        const reach = createReach(hours)
        const [went, there, came] = [noAmounts(), noAmounts(), noAmounts()]
        for (const volume of inflows) {
          addWater(came, volume, dirt)
          reach.route(parcel(volume), went)
        }
        reach.stored(there)
        for (let i = 0; i < substances.length; i += 1)
          close(came[i] ?? 0, (went[i] ?? 0) + (there[i] ?? 0) + (reach.decayed[i] ?? 0), came[i] ?? 0)
      },
    ),
  )
})

test('a pulse of dirt comes later, lower and longer, and less of it where it decays', () => {
  const reach = createReach(4)
  const came: Amounts[] = []
  for (let step = 0; step < 288; step += 1) {
    const inflow = parcel(3000)
    if (step >= 12 && step < 24) for (const i of [1, 3]) inflow[i] = (inflow[i] ?? 0) * 50
    came.push(noAmounts())
    reach.route(inflow, came[step] ?? noAmounts())
  }
  const peak = (i: number) => Math.max(...came.slice(60).map((out) => (out[i] ?? 0) / (out[water] ?? 1)))
  const at = came.findIndex((out, step) => step > 60 - 24 && (out[1] ?? 0) / (out[water] ?? 1) === peak(1))
  expect(at).toBeGreaterThan(24)
  expect(peak(1)).toBeLessThan(50 * 100 * 0.8)
  expect(peak(1)).toBeGreaterThan(10 * 100)
  expect(peak(3)).toBeLessThan(peak(1) / 100)
})

test('rain on land runs off, dries up or stays', () => {
  const rain = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 8, noNaN: true })), { maxLength: 400 })
  fc.assert(
    fc.property(rain, fc.double({ min: 0.1, max: 200, noNaN: true }), (depths, areaKm2) => {
      const land = createLand({ areaKm2, sealed: 0.1, quickHours: 2, groundwater: dirt, surface: dirt })
      const before = land.storedWater()
      const outflow = noAmounts()
      for (const mm of depths) land.step(mm, 0.02, outflow)
      const slopes = noAmounts()
      land.stored(slopes)
      const fell = depths.reduce((sum, mm) => sum + mm, 0) * areaKm2 * 1000
      const kept = land.storedWater() - before + (slopes[water] ?? 0)
      close(fell, kept + land.evaporated() + (outflow[water] ?? 0), before + fell)
      for (let i = 1; i < substances.length; i += 1) close(land.entered[i] ?? 0, (slopes[i] ?? 0) + (outflow[i] ?? 0), land.entered[i] ?? 0)
    }),
    { numRuns: 50 },
  )
})

test('a reservoir holds what its level says and spills above its crest', () => {
  const facts = {
    shape: { factor: 42_000, bottom: 40 },
    normalLevel: 61,
    leastOutflow: 1,
    perMetre: 9,
    mostOutlet: 12,
    crest: 63,
    spill: 60,
  }
  expect(reservoirLevel(facts, reservoirVolume(facts, 61.5))).toBeCloseTo(61.5, 12)
  expect(reservoirOutflow(facts, 60)).toBe(1)
  expect(reservoirOutflow(facts, 62)).toBe(10)
  expect(reservoirOutflow(facts, 63)).toBe(13)
  expect(reservoirOutflow(facts, 64)).toBe(73)
})
