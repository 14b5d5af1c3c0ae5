import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { layOutRiver, naturalHeight, type Located } from './river-layout.ts'
import { marker, riverMap, type MapStation } from './river-map.ts'

const size = { width: 600, height: 400 }
const station = (id: string, parts: Partial<MapStation> = {}): MapStation => ({
  id,
  name: id,
  location: null,
  downstream: null,
  tendency: 'steady',
  level: null,
  state: 'good',
  simulated: false,
  href: `/s/${id}`,
  words: `${id}, 3.42 m, steady`,
  ...parts,
})

test('shape is the tendency, colour the level, corner the state of the data', () => {
  const drawn = (parts: Partial<MapStation>) => marker(station('a', parts))
  expect(drawn({ tendency: 'rising' })).not.toBe(drawn({ tendency: 'falling' }))
  expect(drawn({ level: 'red' })).toContain('fill-red')
  expect(drawn({ level: null })).toContain('rm-calm')
  expect(drawn({ state: 'silent' })).toContain('>Z<')
  expect(drawn({ state: 'suspect' })).toContain('>?<')
  expect(drawn({ state: 'missing' })).toContain('>/<')
  expect(drawn({ simulated: true })).toContain('>SIM<')
  expect(drawn({ tendency: 'unknown' })).toContain('rm-unsure')
})

test('stations with positions make a map with a scale, north up', () => {
  const stations = [
    station('north', { location: { lon: 121.2, lat: 28.9 }, downstream: 'south' }),
    station('south', { location: { lon: 121.3, lat: 28.5 } }),
  ]
  const layout = layOutRiver(stations, size, 30)
  expect(layout.kind).toBe('map')
  expect(layout.places.get('north')?.y).toBeLessThan(layout.places.get('south')?.y ?? 0)
  const svg = riverMap(stations, size, 'en')
  expect(svg).toMatch(/>10 km</)
  expect(svg.match(/class="rm-reach"/g)).toHaveLength(1)
  expect(svg).toContain('href="/s/north"')
})

test('without positions the river lies from left to right and says that it is a scheme', () => {
  const stations = [
    station('up', { downstream: 'mid' }),
    station('side', { downstream: 'mid' }),
    station('mid', { downstream: 'out' }),
    station('out'),
    station('alone'),
  ]
  const layout = layOutRiver(stations, size, 30)
  const x = (id: string): number => layout.places.get(id)?.x ?? Number.NaN
  expect(layout.kind).toBe('schematic')
  expect(x('up')).toBeLessThan(x('mid'))
  expect(x('mid')).toBeLessThan(x('out'))
  expect(new Set([...layout.places.values()].map((p) => `${p.x} ${p.y}`)).size).toBe(5)
  expect(riverMap(stations, size, 'en')).toContain('not to scale')
})

test('a map is as high as its catchment asks, within bounds', () => {
  const at = (lon: number, lat: number) => station(`${lon}${lat}`, { location: { lon, lat } })
  expect(naturalHeight([at(121, 28), at(122, 28.1)], 600)).toBe(300)
  expect(naturalHeight([at(121, 28), at(121.1, 29)], 600)).toBe(600)
  expect([naturalHeight([], 600), naturalHeight([at(121, 28), at(121, 28)], 600)]).toEqual([300, 600])
})

test('every station has a finite place inside the figure, in any graph', () => {
  const some = fc.array(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      downstream: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'z')),
      location: fc.option(fc.record({ lon: fc.double({ min: -180, max: 180 }), lat: fc.double({ min: -90, max: 90 }) })),
    }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(some, (drawn) => {
      const stations: Located[] = [...new Map(drawn.map((s) => [s.id, s])).values()]
      const layout = layOutRiver(stations, size, 30)
      for (const { x, y } of layout.places.values()) {
        expect(x >= 0 && x <= size.width && y >= 0 && y <= size.height).toBe(true)
      }
      if (layout.kind === 'schematic') expect(layout.places.size).toBe(stations.length)
    }),
  )
})

test('a name from outside stays text', () => {
  expect(riverMap([station('a', { name: '<b>&', words: '"><script>' })], size, 'zh')).not.toMatch(/<b>|<script/)
})
