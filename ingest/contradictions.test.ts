import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amendmentTopics, type Amendment } from '../domain/amendment.ts'
import type { Delivery } from '../domain/delivery.ts'
import { deviceId } from '../domain/ids.ts'
import type { DeviceCount } from '../store/ports/ledger.ts'
import { createClockCorrections } from './clock-corrections.ts'
import { openHouse, receivedAt, type House, type HouseOptions } from './testing/house.ts'
import { deviceOf, fleetOf, sensorOf } from './testing/small-fleet.ts'

const level = sensorOf('qingxi', 'water_level')
const device = deviceOf('d', ['qingxi'])
const fleet = fleetOf([level], device)
const step = 300_000
const readings = 6
const at = (i: number): number => receivedAt - 40 * step + i * step

/** Deliveries as a journal may hold them: what desks accept, and what they would not. */
type Asked = Pick<Delivery, 'source' | 'topic' | 'receivedAt'> & { device: string; payload: unknown }

const reading = (i: number): Asked => ({
  ...{ device: 'd', source: 'mqtt', topic: 'devices/d/readings', receivedAt: at(i) + 2_000 },
  payload: { at: at(i), values: { water_level: i + 1 } },
})
const amendmentOf = (id: number, amendment: object): Asked => ({
  ...{ device: 'lin', source: 'correction', topic: amendmentTopics.amendment, receivedAt },
  payload: { id: `c-${id}`, by: 'lin', reason: 'found at the visit', ...amendment },
})

const span = fc.record({ from: fc.nat(readings), length: fc.integer({ min: 1, max: readings }) })
const asked = fc.oneof(
  fc.nat(readings - 1).map((i) => () => reading(i)),
  // beyond the span of all readings, and each by another length: what moves meets nothing of the others
  span.map(({ from, length }) => (id: number) => {
    const offsetMs = 10 * step + (id + 1) * 1_000
    return amendmentOf(id, { kind: 'clock', device: 'd', from: at(from), to: at(from + length), offsetMs, driftMsPerDay: 0 })
  }),
  fc.nat(12).map((of) => (id: number) => amendmentOf(id, { kind: 'clock-withdrawn', device: 'd', correction: `c-${of}` })),
  fc.record({ span, seen: fc.nat(12) }).map(({ span: { from, length }, seen }) => (id: number) => {
    const change = { factor: 1, offset: 100 }
    return amendmentOf(id, { kind: 'values', series: level.id, from: at(from), to: at(from + length), at: null, change, seen })
  }),
)

interface Became {
  standing: [number, number | null][]
  refused: (string | undefined)[]
  /** Ids of those that were told as refused. */
  told: string[]
  counts: DeviceCount | undefined
}

async function carried(story: readonly Asked[], batch: number, restarts: ReadonlySet<number>): Promise<Became> {
  const told: string[] = []
  const onRefused: HouseOptions['onRefused'] = ({ amendment }) => void told.push(amendment.id)
  let house: House = await openHouse(fleet, { batch, onRefused })
  for (const [i, { device, payload, ...more }] of story.entries()) {
    await house.send(device, payload, more)
    if (!restarts.has(i)) continue
    await house.carryAll()
    await house.pipeline.stop()
    house = await openHouse(fleet, { store: house.store, journal: house.journal, batch, onRefused })
  }
  await house.carryAll()
  const rows = await house.store.telemetry.range({ series: [level.id], from: 0, to: Infinity })
  const amendments = (await house.store.ledger.amendments({})).reverse()
  const held = createClockCorrections(amendments).holding(deviceId('d'))
  // a moment of the device has one time: no two corrections hold for it
  for (const a of held) for (const b of held) expect(a === b || (a.to ?? Infinity) <= b.from || (b.to ?? Infinity) <= a.from).toBe(true)
  return {
    standing: rows.flatMap(({ observedAt, value }) => (value === null ? [] : [[observedAt, value] as [number, number]])),
    refused: amendments.map(({ refused }) => refused),
    told,
    counts: (await house.store.ledger.counts())[0],
  }
}

test('whatever is journalled in whatever order, a reading stands once, and batches and restarts change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.uniqueArray(fc.nat(11)),
      async (steps, batch, restarts) => {
        const story = [...Array.from({ length: readings }, (_, i) => reading(i)), ...steps.map((make, i) => make(i))]
        const became = await carried(story, 8_000, new Set())
        expect(became.standing).toHaveLength(readings)
        expect(await carried(story, batch, new Set(restarts.map((i) => i + readings)))).toEqual(became)
      },
    ),
    { numRuns: 100 },
  )
}, 60_000)

test('a reading that was moved, moved back, corrected and moved again stands once', async () => {
  const clock = (offsetMs: number) => ({ kind: 'clock', device: 'd', from: at(0), to: at(9), offsetMs, driftMsPerDay: 0 })
  const values = { kind: 'values', series: level.id, from: at(0), to: at(9), at: null, change: { factor: 1, offset: 100 } }
  const acts = [clock(10 * step), { kind: 'clock-withdrawn', device: 'd', correction: 'c-0' }, values, clock(11 * step)]
  const { standing, refused } = await carried([reading(0), ...acts.map((one, i) => amendmentOf(i, one))], 8_000, new Set())
  expect([standing, refused]).toEqual([[[at(11), 101]], [undefined, undefined, undefined, undefined]])
})

test('an amendment that contradicts what holds by then changes nothing and says why', async () => {
  const clock = { kind: 'clock', device: 'd', from: at(0), to: at(9), offsetMs: 10 * step, driftMsPerDay: 0 }
  const values = { kind: 'values', series: level.id, from: at(0), to: at(90), at: null, change: { factor: 1, offset: 1 }, seen: 2 }
  const both = [clock, clock, values, values, { ...values, seen: 99 }, { kind: 'clock-withdrawn', device: 'd', correction: 'c-1' }]
  const { standing, refused, told, counts } = await carried([reading(0), ...both.map((one, i) => amendmentOf(i, one))], 8_000, new Set())
  expect(standing).toEqual([[at(10), 2]])
  expect(refused).toEqual([
    undefined,
    expect.stringMatching(/^correction c-0 holds from/),
    undefined,
    expect.stringMatching(/^correction c-2 by lin changed some of these readings meanwhile/),
    expect.stringMatching(/^correction c-2 by lin made the same change/),
    'no correction c-1 holds for d',
  ])
  expect(told).toEqual(['c-1', 'c-3', 'c-4', 'c-5'])
  expect(counts).toMatchObject({ received: 1, stored: 1, versions: 0, duplicate: 0 })
})

test('of corrections that an earlier release let hold for the same moments the first one holds', () => {
  const made = (id: string, delivery: number) => {
    const amendment: Amendment = {
      ...{ id, by: 'lin', reason: 'off', kind: 'clock', device: deviceId('d'), from: at(0), to: null, offsetMs: step, driftMsPerDay: 0 },
    }
    return { amendment, delivery, at: receivedAt, outcome: { stored: 0, versions: 0, duplicate: 0, quarantined: 0 } }
  }
  const corrections = createClockCorrections([made('c-1', 1), made('c-2', 2), made('c-3', 3)])
  expect(corrections.holding(deviceId('d')).map(({ id }) => id)).toEqual(['c-1'])
  const withdrawn = {
    ...made('c-4', 4),
    amendment: { id: 'c-4', by: 'lin', reason: 'not so', kind: 'clock-withdrawn', device: deviceId('d'), correction: 'c-1' } as const,
  }
  corrections.take(withdrawn)
  expect(corrections.holding(deviceId('d'))).toEqual([])
  expect(corrections.correct(deviceId('d'), at(1), receivedAt)).toBeNull()
})
