import { expect, test } from '@jest/globals'
import { cellVolts, createFlight, type Aloft } from './flight.ts'

const [second, hour] = [1_000, 3_600_000]
const lon = 120
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`)

/** The places of one day, every five seconds, each flight apart. */
function flown(lengthKm: number, date: string, rain = 0): Aloft[][] {
  const plan = { between: ['a', 'b'] as const, lengthKm, hours: [7, 13], groundM: 20 }
  const flight = createFlight(plan, { seed: 1, key: 7, lon, rain: () => rain })
  const flights: Aloft[][] = []
  let isUp = false
  for (let at = midnight(date); at < midnight(date) + 24 * hour; at += 5 * second) {
    const place = flight(at)
    if (place !== null && !isUp) flights.push([])
    if (place !== null) flights.at(-1)?.push(place)
    isUp = place !== null
  }
  return flights
}

test('a drone climbs, flies to the other section, dips, and comes home with a fifth of its battery', () => {
  const flights = flown(6, '2026-07-15')
  expect(flights).toHaveLength(2)
  for (const places of flights) {
    expect(places.length * 5).toBeGreaterThan(15 * 60)
    expect(places.length * 5).toBeLessThan(25 * 60)
    expect(Math.max(...places.map(({ part }) => part))).toBe(1)
    expect(Math.max(...places.map(({ heightM }) => heightM))).toBe(80)
    expect([places[0]?.part, places.at(-1)?.part].map((part) => Math.round(10 * (part ?? 1)))).toEqual([0, 0])
    const dips = places.filter((place) => place.dips)
    expect(dips.length * 5).toBe(180)
    expect(dips.every(({ part, heightM }) => part === 1 && heightM === 2)).toBe(true)
    expect(places.every(({ charge }, i) => i === 0 || charge < (places[i - 1]?.charge ?? 0))).toBe(true)
    expect(places.at(-1)?.charge).toBeGreaterThan(0.2)
  }
})

test('the battery limits a flight: who cannot reach the section turns on the way, and the cold makes that sooner', () => {
  const farthest = (lengthKm: number, date: string): number[] =>
    flown(lengthKm, date).map((places) => Math.max(...places.map(({ part }) => part)) * lengthKm)
  const [summer, winter] = [farthest(12, '2026-07-15'), farthest(12, '2026-01-15')]
  for (const km of [...summer, ...winter]) expect(km).toBeLessThan(10)
  expect(Math.max(...winter)).toBeLessThan(Math.min(...summer) - 0.5)
  for (const places of flown(12, '2026-01-15')) {
    expect(places.some(({ dips }) => dips)).toBe(false)
    expect(places.at(-1)?.charge).toBeGreaterThan(0.195)
    expect(places.at(-1)?.charge).toBeLessThan(0.23)
  }
})

test('in the rain it stays at home', () => {
  expect(flown(6, '2026-07-15', 3)).toEqual([])
})

test('its cells have 25.2 V when full and 21 V at the reserve', () => {
  expect([cellVolts(1), cellVolts(0.2)]).toEqual([25.2, 21])
})
