import { expect, test } from '@jest/globals'
import type { DeviceCertificate } from '../../domain/certificate.ts'
import { createFleet } from '../../domain/fleet.ts'
import { deviceId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { riverNetwork } from '../../testing/river-network.ts'
import { createEndings, endingProblems, type Ending } from './endings.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 28)

test('of a device only its last certificate is waited for, and none that was revoked', () => {
  const fleet = createFleet([readNetwork(riverNetwork(2), { file: 'river.yaml', run: null })])
  const of = (device: string, days: number, revokedAt: number | null = null): DeviceCertificate => ({
    ...{ serial: `${device} ${days}`, device: deviceId(device), madeAt: now, from: now, until: now + days * day, revokedAt },
  })
  const all = [of('logger-1', 20), of('logger-1', 300), of('logger-2', 10), of('logger-2', 400, now), of('gone', 5)]
  const parts = { authority: { current: () => null }, server: { until: () => now + 90 * day }, certificates: { all: () => all } }
  expect(createEndings({ ...parts, fleet: () => fleet })()).toEqual([
    { certificate: 'server', name: '', until: now + 90 * day },
    { certificate: 'device', name: 'logger-1', until: now + 300 * day },
    { certificate: 'device', name: 'logger-2', until: now + 10 * day },
  ])
})

test('what ends within 30 days needs attention; a server without a certificate that is good does not work', () => {
  const says = (endings: Ending[]) => endingProblems(endings, now).map(({ severity, what }) => `${severity}: ${what}`)
  const ending = (certificate: Ending['certificate'], days: number, name = ''): Ending => ({ certificate, name, until: now + days * day })
  expect(says([ending('server', 30), ending('authority', 30), ending('device', 30)])).toEqual([])
  expect(says([ending('server', 29), ending('authority', 29)])).toEqual([
    'attention: the certificate of the TLS listeners ends 2026-12-27',
    'attention: the device CA ends 2026-12-27',
  ])
  expect(says([ending('server', 0)])).toEqual(['failure: the certificate of the TLS listeners is over since 2026-11-28'])
  const fleet = Array.from({ length: 7 }, (_, i) => ending('device', 7 - i, `d-${7 - i}`))
  expect(says(fleet)).toEqual([
    'attention: the certificates of 7 devices end within 30 days or are over: ' +
      'd-1 (2026-11-29), d-2 (2026-11-30), d-3 (2026-12-01), d-4 (2026-12-02), d-5 (2026-12-03) …',
  ])
})
