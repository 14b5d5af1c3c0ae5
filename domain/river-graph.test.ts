import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stationId, type StationId } from './ids.ts'
import type { Reach } from './network.ts'
import { createRiverGraph, cycleIn, layoutRiver } from './river-graph.ts'

const hour = 3_600_000
const node = (id: string, downstream: string | null, travelTimeMs: number | null = hour): { id: StationId; reach: Reach | null } => ({
  id: stationId(id),
  reach: downstream === null ? null : { downstream: stationId(downstream), travelTimeMs, lengthKm: null },
})
const river = [
  node('mouth', null),
  node('stem', 'mouth', 2 * hour),
  node('left', 'stem'),
  node('right', 'stem', null),
  node('spring', 'left'),
  node('alone', null),
]
const graph = createRiverGraph(river)
const s = stationId

test('upstream and downstream are told, nearest first', () => {
  expect(graph.downstreamOf(s('spring'))).toEqual(['left', 'stem', 'mouth'])
  expect(graph.upstreamOf(s('stem'))).toEqual(['left', 'right', 'spring'])
  expect(graph.directlyUpstream(s('mouth'))).toEqual(['stem'])
  expect(graph.upstreamOf(s('alone'))).toEqual([])
  expect(graph.downstreamOf(s('nobody'))).toEqual([])
})

test('travel times add up; unknown ways and times have none', () => {
  expect(graph.travelTimeMs(s('spring'), s('mouth'))).toBe(4 * hour)
  expect(graph.travelTimeMs(s('right'), s('mouth'))).toBeNull()
  expect(graph.travelTimeMs(s('mouth'), s('spring'))).toBeNull()
  expect(graph.travelTimeMs(s('stem'), s('stem'))).toBe(0)
  expect(graph.travelTimeMs(s('nobody'), s('nobody'))).toBeNull()
})

test('a circle is found with its stations in the way of the water', () => {
  expect(cycleIn(river)).toBeNull()
  expect(cycleIn([node('x', 'a'), node('a', 'b'), node('b', 'a')])).toEqual(['a', 'b', 'a'])
  expect(cycleIn([node('a', 'a')])).toEqual(['a', 'a'])
  expect(cycleIn([node('a', 'gone')])).toBeNull()
  expect(() => createRiverGraph([node('a', 'b'), node('b', 'a')])).toThrow('the river flows in a circle: a -> b -> a')
})

const forest = fc.array(fc.nat(), { minLength: 1, maxLength: 40 }).chain((numbers) =>
  fc.shuffledSubarray(
    numbers.map((number, place) => node(`s${place}`, place === 0 || number % 5 === 0 ? null : `s${number % place}`)),
    { minLength: numbers.length },
  ),
)

test('every station comes after all upstream of it, once', () => {
  fc.assert(
    fc.property(forest, (stations) => {
      const made = createRiverGraph(stations)
      expect([...made.order].sort()).toEqual(stations.map(({ id }) => id).sort())
      for (const { id } of stations)
        for (const above of made.upstreamOf(id)) expect(made.order.indexOf(above)).toBeLessThan(made.order.indexOf(id))
    }),
  )
})

test('a drawing without coordinates has its own place for each station, downstream below', () => {
  fc.assert(
    fc.property(forest, (stations) => {
      const places = layoutRiver(stations)
      expect(places.size).toBe(stations.length)
      for (const { x, y } of places.values()) expect(x >= 0 && x <= 1 && y >= 0 && y <= 1).toBe(true)
      for (const { id, reach } of stations) if (reach) expect(places.get(id)?.y ?? 1).toBeLessThan(places.get(reach.downstream)?.y ?? 0)
      const spots = [...places.values()].map(({ x, y }) => `${x.toFixed(6)} ${y.toFixed(6)}`)
      expect(new Set(spots).size).toBe(spots.length)
    }),
  )
})
