import { expect, test } from '@jest/globals'
import { createFleet } from '../domain/fleet.ts'
import { rejectionReasons } from '../domain/rejection.ts'
import type { Carried } from './receipts/drafts.ts'
import { openHouse, receivedAt } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

const stations = [stationOf('qingxi', [sensorOf('qingxi', 'water_level')]), stationOf('weir', [sensorOf('weir', 'ph')])]
const fleet = createFleet([networkOf('n', stations, [deviceOf('d', ['qingxi']), deviceOf('both', ['qingxi', 'weir'])])])
const level = (value: unknown, at: unknown = receivedAt): object => ({ at, values: { water_level: value } })

/** What brings each reason about; `refused-by-store` comes from an outside store, see store/influx/store.test.ts. */
const causes: Readonly<Record<string, { payload: unknown; device?: string; topic?: string; maxSeries?: number }>> = {
  'not-json': { payload: 'hello' },
  'wrong-shape': { payload: { at: receivedAt } },
  'unknown-topic': { payload: level(1), topic: 'devices/d/nowhere' },
  'unknown-station': { payload: { ...level(1), station: 'weir' } },
  'unknown-parameter': { payload: { at: receivedAt, values: { lvl: 1 } } },
  'unknown-series': { payload: { at: receivedAt, values: { ph: 7 } } },
  'ambiguous-station': { payload: level(1), device: 'both' },
  'unknown-unit': { payload: level({ v: 1, u: 'cubits' }) },
  'unit-mismatch': { payload: level({ v: 1, u: 'kg' }) },
  'not-finite': { payload: `{"at":${receivedAt},"values":{"water_level":1e400}}` },
  'no-offset': { payload: level(1, '2026-11-22T02:15:00') },
  'bad-time': { payload: level(1, 'yesterday') },
  'time-microseconds': { payload: level(1, receivedAt * 1_000) },
  'time-1970': { payload: level(1, 12) },
  'time-ahead': { payload: level(1, receivedAt + 3_600_000) },
  'too-many-values': { payload: { at: receivedAt, values: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, 1])) } },
  'too-many-series': { payload: { ...level(1), station: 'weir', values: { ph: 7 } }, device: 'both', maxSeries: 1 },
}

test('every reason has a cause here', () => {
  expect([...Object.keys(causes), 'refused-by-store'].sort()).toEqual([...rejectionReasons].sort())
})

test.each(Object.entries(causes))(
  '%s comes out of the pipeline, counted and with its bytes',
  async (reason, { payload, device = 'd', topic, maxSeries = 1_000 }) => {
    const house = await openHouse(fleet, { maxSeries })
    await house.send(device, payload, topic === undefined ? {} : { topic })
    await house.carryAll()
    const [entry, ...others] = await house.store.ledger.quarantine({ limit: 10 })
    expect(others).toEqual([])
    expect(entry).toMatchObject({ reason, device, payload: house.journal.deliveries[0]?.payload, repaired: null })
    const [total] = await house.store.ledger.counts()
    expect(total).toMatchObject({ received: entry?.values, quarantined: entry?.values, stored: 0 })
    await house.pipeline.stop()
  },
)

const unreadable = ['not-json', 'unknown-topic']

test.each(Object.entries(causes).filter(([reason]) => !unreadable.includes(reason)))(
  "%s: the device's own number has come all the same",
  async (reason, { payload, device = 'd', maxSeries = 1_000 }) => {
    const carried: Carried[] = []
    const house = await openHouse(fleet, { maxSeries, onCarried: (one) => carried.push(one) })
    const numbered = JSON.stringify(typeof payload === 'string' ? null : { seq: 7, ...(payload as object) })
    const text = typeof payload === 'string' ? payload.replace('{', '{"seq":7,') : numbered
    await house.send(device, text)
    // an array of too many values is refused before its items are looked at
    if (reason !== 'too-many-values') await house.send(device, `[${text}]`)
    await house.carryAll()
    const numbers = carried.flatMap(({ asideNumbers }) => asideNumbers).map(({ seq }) => seq)
    expect(numbers).toEqual(house.journal.deliveries.map(() => 7))
    await house.pipeline.stop()
  },
)
