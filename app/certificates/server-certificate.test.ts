import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { openAuthority } from './authority.ts'
import { mintServer, type Pair } from './mint.ts'
import { openServerCertificate } from './server-certificate.ts'

const day = 86_400_000

function place() {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  const clock = { now: Date.UTC(2026, 10, 28) }
  const now = () => clock.now
  const authority = openAuthority({ file: path.join(folder, 'authority.pem'), randomBytes, now })
  const shared = { authority, file: path.join(folder, 'server.pem'), names: ['gauge.example.org', '127.0.0.1'], given: null, now }
  return { folder, clock, shared, inFolder: (name: string) => path.join(folder, name) }
}

const of = ({ current }: { current: () => Pair }) => new X509Certificate(current().certificate)

test('one of our own stays through restarts, is for its names, and its key is for the owner only', async () => {
  const { shared } = place()
  const first = await openServerCertificate(shared)
  expect(of(await openServerCertificate(shared)).serialNumber).toBe(of(first).serialNumber)
  expect([of(first).checkHost('gauge.example.org'), of(first).checkIP('127.0.0.1')]).toEqual(['gauge.example.org', '127.0.0.1'])
  expect(statSync(shared.file).mode & 0o777).toBe(0o600)
  const more = await openServerCertificate({ ...shared, names: [...shared.names, 'other.example.org'] })
  expect(of(more).checkHost('other.example.org')).toBe('other.example.org')
})

test('one of our own is made anew 30 days before its end, and with a new CA', async () => {
  const { shared, clock, inFolder } = place()
  const server = await openServerCertificate(shared)
  expect(server.until()).toBe(clock.now + 397 * day)
  clock.now += 366 * day
  expect(await server.refresh()).toBe(false)
  clock.now += 2 * day
  expect(await server.refresh()).toBe(true)
  expect(server.until()).toBe(clock.now + 397 * day)
  const authority = openAuthority({ file: inFolder('another.pem'), randomBytes, now: shared.now })
  const anew = of(await openServerCertificate({ ...shared, authority }))
  expect(anew.checkIssued(new X509Certificate((await authority.open()).certificate))).toBe(true)
})

test('files that were given are read again; halves that do not belong together change nothing', async () => {
  const { shared, inFolder } = place()
  const given = { certificate: inFolder('tls.crt'), key: inFolder('tls.key') }
  const write = (certificate: string, key: string) => {
    writeFileSync(given.certificate, certificate)
    writeFileSync(given.key, key)
  }
  const made = async () => mintServer(await shared.authority.open(), ['a.example.org'], await shared.authority.order(90))
  const [first, second] = [await made(), await made()]
  await expect(openServerCertificate({ ...shared, given })).rejects.toThrow('tls.crt')
  write(first.certificate, first.key)
  const server = await openServerCertificate({ ...shared, given })
  expect(await server.refresh()).toBe(false)
  write(second.certificate, first.key)
  await expect(server.refresh()).rejects.toThrow('tls.key is not that of the certificate')
  expect(server.current()).toEqual(first)
  write(second.certificate, second.key)
  expect([await server.refresh(), server.current()]).toEqual([true, second])
})
