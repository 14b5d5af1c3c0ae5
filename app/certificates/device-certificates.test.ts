import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { CertificateOrder, DeviceCertificates, NewCertificate } from '../../domain/certificate.ts'
import { createFleet } from '../../domain/fleet.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { createMemoryStore } from '../../store/memory.ts'
import { riverNetwork } from '../../testing/river-network.ts'
import { openAuthority } from './authority.ts'
import { createDeviceCertificates } from './device-certificates.ts'

const day = 86_400_000
const [one, two] = [deviceId('logger-1'), deviceId('logger-2')]

async function desk() {
  const { documents } = createMemoryStore()
  const house = { devices: 2 }
  const fleet = () => createFleet([readNetwork(riverNetwork(house.devices), { file: 'river.yaml', run: null })])
  const clock = { now: Date.UTC(2026, 10, 28) }
  const now = () => clock.now
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'gaugekeeper-')), 'certificates', 'authority.pem')
  const open = () => createDeviceCertificates({ documents, fleet, authority: openAuthority({ file, randomBytes, now }), now })
  const certificates = await open()
  const ended: DeviceId[] = []
  certificates.onEnded((device) => ended.push(device))
  return { certificates, clock, ended, file, again: open, house }
}

async function issued(
  certificates: DeviceCertificates,
  device: DeviceId,
  order: Partial<CertificateOrder> = {},
): Promise<NewCertificate & { der: Buffer }> {
  const made = await certificates.issue(device, { days: 365, request: null, overlapMs: null, ...order })
  if ('problem' in made) throw new Error(made.problem)
  return { ...made, der: new X509Certificate(made.pem).raw }
}

/** `in`, or the reason of the refusal. */
const judged = (certificates: DeviceCertificates, der: Uint8Array): string => {
  const { fault = 'in' } = certificates.judge(der)
  return fault
}

test('a certificate of the CA is its device and nobody else, also after a restart', async () => {
  const { certificates, again, file } = await desk()
  const { der, authority } = await issued(certificates, one)
  expect(certificates.judge(der)).toEqual({ identity: { role: 'device', device: one, run: null } })
  expect((await again()).judge(der)).toEqual(certificates.judge(der))
  expect((await again()).authority()).toBe(authority)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(authority).not.toContain('PRIVATE')
})

test('one of another CA, one of a copy of the CA, and what is none open nothing', async () => {
  const [ours, others] = [await desk(), await desk()]
  expect(judged(ours.certificates, (await issued(others.certificates, one)).der)).toBe('certificate-foreign')
  expect(ours.certificates.authority()).toBeNull()
  await issued(ours.certificates, one)
  expect(judged(ours.certificates, (await issued(others.certificates, one)).der)).toBe('certificate-foreign')
  expect(judged(ours.certificates, Buffer.from('nonsense'))).toBe('certificate-foreign')
  const { documents } = createMemoryStore()
  const authority = openAuthority({ file: ours.file, randomBytes, now: () => ours.clock.now })
  const fleet = () => createFleet([])
  const copy = await createDeviceCertificates({ documents, fleet, authority, now: () => ours.clock.now })
  expect(judged(ours.certificates, (await issued(copy, one)).der)).toBe('certificate-unknown')
})

test('it is good for its time, and told by the reason when it is not', async () => {
  const { certificates, clock, again } = await desk()
  const { der, certificate } = await issued(certificates, one, { days: 30 })
  const at = (ms: number, verdict: string) => {
    clock.now = ms
    expect(judged(certificates, der)).toBe(verdict)
  }
  at(certificate.from - 1, 'certificate-early')
  at(certificate.from, 'in')
  at(certificate.until - 1, 'in')
  at(certificate.until, 'certificate-expired')
  clock.now += 91 * day
  await certificates.sweep()
  expect(certificates.all()).toEqual([])
  expect([judged(certificates, der), judged(await again(), der)]).toEqual(['certificate-expired', 'certificate-expired'])
})

test('none is good for longer than the CA', async () => {
  const { certificates, clock } = await desk()
  await issued(certificates, one)
  clock.now += 20 * 365 * day
  const { certificate } = await issued(certificates, one, { days: 1_000 })
  expect(certificate.until).toBe(Date.UTC(2046, 10, 28))
})

test('revoking ends what is logged in with it, and nobody else', async () => {
  const { certificates, ended, again } = await desk()
  const [first, second, other] = [await issued(certificates, one), await issued(certificates, one), await issued(certificates, two)]
  for (const { der } of [first, other]) certificates.judge(der)
  expect(await certificates.revoke(one, second.certificate.serial)).toBe(1)
  expect([judged(certificates, second.der), ended]).toEqual(['certificate-revoked', []])
  expect(await certificates.revoke(one)).toBe(1)
  expect([judged(certificates, first.der), ended]).toEqual(['certificate-revoked', [one]])
  expect([await certificates.revoke(one), judged(certificates, other.der)]).toEqual([0, 'in'])
  expect(judged(await again(), first.der)).toBe('certificate-revoked')
})

test('a renewed one is good until the overlap is over; who still stands on it then is told', async () => {
  const { certificates, ended, clock } = await desk()
  const first = await issued(certificates, one)
  const second = await issued(certificates, one, { overlapMs: 7 * day })
  expect([judged(certificates, first.der), judged(certificates, second.der)]).toEqual(['in', 'in'])
  certificates.judge(first.der)
  clock.now += 7 * day
  await certificates.sweep()
  expect([judged(certificates, first.der), judged(certificates, second.der), ended]).toEqual(['certificate-expired', 'in', [one]])
  clock.now += day
  await issued(certificates, one, { overlapMs: 0 })
  expect([judged(certificates, second.der), ended]).toEqual(['certificate-expired', [one, one]])
})

test('who has changed to the new one in time is not cut', async () => {
  const { certificates, ended, clock } = await desk()
  const first = await issued(certificates, one)
  certificates.judge(first.der)
  certificates.judge((await issued(certificates, one, { overlapMs: day })).der)
  clock.now += day
  await certificates.sweep()
  expect(ended).toEqual([])
})

test('one that is revoked while the next is made stays revoked, and so does the next when all are', async () => {
  const { certificates, again } = await desk()
  const first = await issued(certificates, one)
  const [second, revoked] = await Promise.all([
    issued(certificates, one, { overlapMs: 7 * day }),
    certificates.revoke(one, first.certificate.serial),
  ])
  expect([revoked, judged(certificates, first.der), judged(certificates, second.der)]).toEqual([1, 'certificate-revoked', 'in'])
  expect(judged(await again(), first.der)).toBe('certificate-revoked')
  const [third, all] = await Promise.all([issued(certificates, one), certificates.revoke(one)])
  expect([all, judged(certificates, second.der), judged(certificates, third.der)]).toEqual([
    2,
    'certificate-revoked',
    'certificate-revoked',
  ])
  expect(judged(await again(), third.der)).toBe('certificate-revoked')
})

test('a device that is no longer declared is not let in, and a device has ten good ones at most', async () => {
  const { certificates, house } = await desk()
  const { der } = await issued(certificates, two)
  house.devices = 1
  expect(certificates.judge(der)).toEqual({ fault: 'certificate-unknown', device: two })
  for (let n = 0; n < 10; n++) await issued(certificates, one)
  const more = () => certificates.issue(one, { days: 1, request: null, overlapMs: null })
  expect(await more()).toMatchObject({ problem: expect.stringContaining('revoke those') })
  expect(certificates.of(one)).toHaveLength(10)
  expect(await certificates.issue(one, { days: 1, request: 'nonsense', overlapMs: null })).toMatchObject({
    problem: expect.stringContaining('no signing request'),
  })
})
