import type { DeviceList, ValueCounts } from '../../api/schemas/device.ts'
import type { Readiness } from '../../api/schemas/health.ts'
import type { QuarantineList } from '../../api/schemas/quarantine.ts'
import { last, minute, network, sampleNow, sketches } from './sketches.ts'

const counts: ValueCounts = { received: 2016, stored: 2004, versions: 3, duplicate: 8, quarantined: 1, refused: 0, late: 48 }

export const deviceList = (): DeviceList => ({
  devices: sketches.map(({ id }) => ({
    id: `rtu-${id}`,
    protocol: 'mqtt',
    network: network.id,
    stations: [id],
    run: network.run,
    simulated: true,
    lastReceivedAt: id === 'mill-lane' ? null : last + 2_000,
    counts,
    file: null,
    certificates: [],
    secret: { madeAt: last - 90 * minute, firstUsedAt: null, earlierUntil: null },
    clock:
      id === 'mill-lane'
        ? {
            state: 'reset',
            offsetMs: null,
            driftMsPerDay: null,
            likelyZone: null,
            says: { en: 'Its clock was reset.', zh: '时钟曾被复位。' },
          }
        : { state: 'right', offsetMs: -900, driftMsPerDay: 20, likelyZone: null, says: { en: 'The clock is right.', zh: '时钟正常。' } },
  })),
  totals: counts,
})

export const quarantineList = (): QuarantineList => ({
  entries: [
    {
      id: 12,
      device: 'rtu-mill-lane',
      delivery: 90_211,
      receivedAt: sampleNow - 8 * minute,
      topic: 'devices/rtu-mill-lane/readings',
      reason: 'time-1970',
      detail: 'The time is 1970-01-01T00:00:12Z: the clock of the logger was reset. Set it, or declare the clock of the device.',
      values: 1,
      item: null,
      items: null,
      repaired: null,
      payload: { bytes: 46, base64: '', text: '{"at":12,"values":{"ammonia_nitrogen":"<i>one"}}' },
    },
    {
      id: 11,
      device: 'rtu-qingxi',
      delivery: 90_105,
      receivedAt: sampleNow - 70 * minute,
      topic: 'devices/rtu-qingxi/readings',
      reason: 'not-json',
      detail: 'The payload is not JSON: unexpected end after 12 bytes.',
      values: 1,
      item: 3,
      items: [3],
      repaired: null,
      payload: { bytes: 12, base64: 'eyJhdCI6MTIsInY=', text: null },
    },
  ],
  next: 11,
})

export const readiness = (ok: boolean): Readiness => ({
  ready: ok,
  checks: [
    { name: 'store', ok: true, detail: 'The store answers.' },
    {
      name: 'broker',
      ok,
      detail: ok ? 'The broker listens.' : 'The broker does not listen: port 1883 is taken. Choose another with --mqtt-port.',
    },
  ],
})
