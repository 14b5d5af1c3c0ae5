import { expect, test } from '@jest/globals'
import type { ObservationRow } from '../api/schemas/observation.ts'
import { lastSeen, whereabouts } from './whereabouts.ts'

const quay = { lon: 118.7, lat: 32 }
const reading = (observedAt: number, position: ObservationRow['position']) =>
  ({ latest: { observedAt, position } as ObservationRow }) as never

test('a moving station is where its newest reading with a position was made, another where it stands', () => {
  const boat = [reading(1, [118.8, 32.1]), reading(3, [118.9, 32.2, 12]), reading(4, null), { latest: null } as never]
  expect(lastSeen(boat)).toEqual({ lon: 118.9, lat: 32.2, altitude: 12, at: 3 })
  expect(whereabouts({ series: boat, location: quay })).toEqual({ lon: 118.9, lat: 32.2 })
  expect(lastSeen([reading(1, [118.8, 32.1])])).toMatchObject({ altitude: null })
  expect(whereabouts({ series: [reading(4, null)], location: quay })).toEqual(quay)
  expect(whereabouts({ series: [], location: null })).toBeNull()
})
