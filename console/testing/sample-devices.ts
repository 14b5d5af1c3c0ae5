import type { DeviceList, ValueCounts } from '../../api/schemas/device.ts'
import type { Readiness } from '../../api/schemas/health.ts'
import type { MappingPage } from '../../api/schemas/mapping.ts'
import type { QuarantineGroups, QuarantineList, QuarantinePage } from '../../api/schemas/quarantine.ts'
import { last, minute, network, sampleNow, sketches } from './sketches.ts'

const counts: ValueCounts = { received: 2016, stored: 2004, versions: 3, duplicate: 8, quarantined: 1, late: 48 }

export const deviceList = (): DeviceList => ({
  devices: sketches.map(({ id }) => ({
    id: `rtu-${id}`,
    protocol: 'mqtt',
    network: network.id,
    stations: [id],
    run: network.run,
    simulated: true,
    state: id === 'mill-lane' ? 'never' : 'reporting',
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
  matches: sketches.length,
  totals: counts,
  next: null,
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
      payload: { bytes: 46, base64: '', text: '{"at":12,"values":{"ammonia_nitrogen":"<i>one"}}', isCut: false },
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
      payload: { bytes: 12, base64: 'eyJhdCI6MTIsInY=', text: null, isCut: false },
    },
  ],
  next: 11,
})

export const quarantineGroups = (): QuarantineGroups => ({
  groups: quarantineList().entries.map(({ device, reason, values, receivedAt }) => ({
    device,
    reason,
    entries: 1,
    values,
    newest: receivedAt,
  })),
})

/** Entries 11 and 12 of the list; 13 has an unknown word, 14 was run again, 15 closed. */
export function quarantinePage(id: number, mapped: boolean): QuarantinePage | null {
  const [first, second] = quarantineList().entries
  if (first === undefined || second === undefined) return null
  const unknown = { ...first, id: 13, reason: 'unknown-parameter' as const, detail: '"lvl" is no parameter and no channel of the device.' }
  const outcome = { stored: mapped ? 1 : 0, versions: 0, duplicate: 0, quarantined: mapped ? 0 : 1 }
  const repaired = {
    kind: 'run' as const,
    by: 'li.wei',
    at: last,
    reason: 'The channel is mapped now.',
    delivery: 90_400,
    outcome: { ...outcome, stored: 1, quarantined: 0 },
  }
  const givenUp = {
    ...repaired,
    kind: 'given-up' as const,
    reason: 'Sent from the bench.',
    outcome: { ...outcome, stored: 0, quarantined: 1 },
  }
  const entry = [second, first, unknown, { ...unknown, id: 14, repaired }, { ...unknown, id: 15, repaired: givenUp }].find(
    (one) => one.id === id,
  )
  if (entry === undefined) return null
  const refused = mapped ? null : 'It is refused for the same reason.'
  const trial = entry.repaired
    ? null
    : { entry: id, device: entry.device, reason: entry.reason, outcome, observed: mapped ? { from: last, to: last } : null, refused }
  return { entry, decoded: entry.payload.text === null ? null : { at: 12, values: { lvl: 3 } }, trial }
}

export const mappingPage = (device: string): MappingPage => ({
  device,
  file: null,
  holds: { channels: { rain: 'mill-lane/rainfall' }, units: {}, zone: null, noTime: false },
  versions: [{ device, version: 1, at: last, by: 'li.wei', reason: 'new logger', mapping: { channels: { rain: 'mill-lane/rainfall' } } }],
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
