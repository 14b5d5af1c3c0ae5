import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFleet } from '../domain/fleet.ts'
import { openHouse, receivedAt } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

/*
 * Any bytes at all: nothing throws, nothing hangs, and every delivery is counted. Each delivery of a round comes from a device of its own,
 * so that one that vanished would show. `GAUGEKEEPER_LONG=1` runs 200,000 cases.
 */
const perRound = 500
const rounds = process.env['GAUGEKEEPER_LONG'] === '1' ? 400 : 8

const sensors = [
  sensorOf('qingxi', 'water_level'),
  sensorOf('qingxi', 'ph'),
  sensorOf('qingxi', 'rainfall', { from: 'counter', perTip: 0.5 }),
]
const devices = Array.from({ length: perRound }, (_, i) => deviceOf(`d${i}`, ['qingxi'], { clock: { zone: null, none: i % 2 === 0 } }))
const fleet = createFleet([networkOf('n', [stationOf('qingxi', sensors)], devices)])

const name = fc.oneof(
  fc.constantFrom('water_level', 'ph', 'rainfall', '__proto__', 'constructor', 'toString', '水位', '🌊', ''),
  fc.string({ unit: 'binary' }),
)
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, 'NaN', '-9999', true, [], {}),
  fc.record({ v: fc.oneof(fc.double(), fc.constant(null)), u: fc.constantFrom('m', 'cm', 'kg', 'furlong', ''), n: fc.integer({ max: 4 }) }),
)
const time = fc.oneof(
  fc.integer({ min: receivedAt - 1e9, max: receivedAt + 1e6 }),
  fc.double(),
  fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'Invalid' : date.toISOString())),
  fc.constantFrom(12, receivedAt * 1_000, '2026-11-22T02:15:00', '2026-11-22 02:15+08:00', null, ''),
)
const group = fc.record(
  { at: time, values: fc.dictionary(name, value, { maxKeys: 5 }), station: fc.constantFrom('qingxi', '', 'x', null) },
  { requiredKeys: ['values'] },
)
const structured = fc
  .oneof(
    group,
    fc.array(group, { maxLength: 20 }),
    fc.json().map((text) => JSON.parse(text) as unknown),
  )
  .map((body) => JSON.stringify(body) ?? '')
const damaged = fc.tuple(structured, fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([text, place, noise]) => {
  const bytes = Buffer.from(text)
  const cut = bytes.length === 0 ? 0 : place % bytes.length
  return Buffer.concat([bytes.subarray(0, cut), noise, bytes.subarray(cut + noise.length)])
})
const payload = fc.oneof(
  structured.map((text) => Buffer.from(text)),
  damaged,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)
const topic = fc.constantFrom('readings', 'telemetry', 'nowhere')
const topicOf = (kind: string, device: string): string => (kind === 'telemetry' ? 'v1/devices/me/telemetry' : `devices/${device}/${kind}`)

test(`of ${rounds * perRound} payloads of any bytes none throws, hangs or goes uncounted`, async () => {
  const round = fc.array(fc.tuple(topic, payload), { minLength: perRound, maxLength: perRound })
  await fc.assert(
    fc.asyncProperty(round, async (sent) => {
      const house = await openHouse(fleet)
      for (const [i, [kind, bytes]] of sent.entries())
        await house.send(`d${i}`, '', { topic: topicOf(kind, `d${i}`), payload: bytes, receivedAt })
      await house.carryAll()
      expect(house.errors).toEqual([])
      const counts = await house.store.ledger.counts()
      for (const { device, received, stored, versions, duplicate, quarantined } of counts)
        expect({ device, received }).toEqual({ device, received: stored + versions + duplicate + quarantined })
      const unheard = sent.flatMap(([kind, bytes], i) =>
        counts.some(({ device }) => device === `d${i}`) ? [] : [`${kind} ${bytes.toString()}`],
      )
      expect(unheard).toEqual([])
      await house.pipeline.stop()
    }),
    { numRuns: rounds },
  )
}, 3_600_000)
