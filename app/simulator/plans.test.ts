import { expect, test } from '@jest/globals'
import { readNetwork } from '../../domain/network-load.ts'
import { stationBounds } from '../../api/schemas/simulation.ts'
import { fewestStations } from '../../devices-sim/basin/plan.ts'
import { planLoad, planReplay } from './plans.ts'

const now = Date.UTC(2026, 5, 2)
const hour = 3_600_000
const network = (id: string, run: string | null) =>
  readNetwork({ network: { id, name: { en: 'Valley', zh: '山谷' }, timeZone: 'UTC' }, stations: [] }, { file: null, run: run as never })
const sources = { networks: [network('valley', null), network('storm-1', 'storm-1')], isPast: (run: string) => run === 'storm-1', now }
const replay = (request: object) => planReplay({ network: 'valley', lead: 6, ...request }, sources)

test('a day of the real fleet is replayed up to now at most, as fast as possible unless a speed is said', () => {
  const plan = replay({ from: now - 24 * hour, to: now + 24 * hour })
  if (typeof plan === 'string') throw new Error(plan)
  expect(plan.note).toMatchObject({ kind: 'replay', title: { zh: '重放：山谷' }, speed: 'max', start: now - 24 * hour, end: now })
  expect(plan.workFor('replay')).toEqual({
    kind: 'replay',
    request: { network: 'valley', lead: 6, from: now - 24 * hour, to: now, speed: 'max' },
  })
})

test('what cannot be replayed is said in a sentence', () => {
  expect(replay({ network: 'vally' })).toContain('did you mean valley?')
  expect(replay({ from: now + hour })).toContain('before it begins')
  expect(replay({ network: 'storm-1', from: now - hour })).toContain('replayed as a whole')
  expect(replay({ configuration: 'stations: 3' })).toContain('The configuration is wrong')
  expect(replay({ configuration: 'network: { id: valley, timeZone: UTC }\nstations: []' })).toMatchObject({ name: 'replay' })
})

test('a past simulation is replayed with no end, for its time is its own', () => {
  const plan = replay({ network: 'storm-1' })
  if (typeof plan === 'string') throw new Error(plan)
  expect(plan.workFor('replay')).toEqual({ kind: 'replay', request: { network: 'storm-1', lead: 6, speed: 'max' } })
})

test('a load is named after its devices and lasts as long as it is ordered', () => {
  const { name, note } = planLoad({ devices: 10_000, minutes: 2, every: 60 }, now)
  expect([name, note.title.en, note.stations, note.end - note.start]).toEqual(['load-10000', '10,000 devices', 10_000, 120_000])
})

test('nobody may ask for fewer stations than a basin has', () => {
  expect(stationBounds.minimum).toBe(fewestStations)
})
