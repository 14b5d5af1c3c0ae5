import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { mintAuthority, mintDevice, mintServer, readRequest, type Order } from './mint.ts'

const from = Date.UTC(2026, 10, 28, 12)
const order = (serial: string, days: number): Order => ({ serial, from, until: from + days * 86_400_000 })
const authority = mintAuthority('Gaugekeeper CA 1', order('41', 7_300))

test('the CA signs itself, and what it signs holds for its key, its name and its time', async () => {
  const ca = new X509Certificate((await authority).certificate)
  expect({ ca: ca.ca, self: ca.verify(ca.publicKey), subject: ca.subject, to: Date.parse(ca.validTo) }).toEqual({
    ca: true,
    self: true,
    subject: 'CN=Gaugekeeper CA 1',
    to: from + 7_300 * 86_400_000,
  })
  const { certificate, key } = await mintDevice(await authority, { device: 'rtu-0017', request: null }, order('4A0B', 365))
  const device = new X509Certificate(certificate)
  expect(device.verify(ca.publicKey) && device.checkIssued(ca) && device.checkPrivateKey(createPrivateKey(key ?? ''))).toBe(true)
  expect(device).toMatchObject({ subject: 'CN=rtu-0017', serialNumber: '4A0B', ca: false, keyUsage: ['1.3.6.1.5.5.7.3.2'] })
  expect([Date.parse(device.validFrom), Date.parse(device.validTo)]).toEqual([from, from + 365 * 86_400_000])
})

test('a certificate of a server is for its names and addresses only', async () => {
  const { certificate } = await mintServer(await authority, ['gauge.example.org', '10.1.2.3', '::1'], order('42', 30))
  const server = new X509Certificate(certificate)
  expect(server.checkHost('gauge.example.org')).toBe('gauge.example.org')
  expect([server.checkIP('10.1.2.3'), server.checkIP('::1')]).toEqual(['10.1.2.3', '::1'])
  expect([server.checkHost('other.example.org'), server.checkIP('10.1.2.4')]).toEqual([undefined, undefined])
})

/** By openssl 3.0: `openssl req -new -newkey … -nodes -subj /CN=anything`. */
const requests = {
  p256: `-----BEGIN CERTIFICATE REQUEST-----
MIHMMHUCAQAwEzERMA8GA1UEAwwIYW55dGhpbmcwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARiUn+yLSsO9PVLr9obhUBT7/cQ7vOepYiMRdBXbwI4VWGG2tQ/kjYg
uZm8vwkF6txkuZJ+AchngtDH5yzi3yBKoAAwCgYIKoZIzj0EAwIDRwAwRAIgJLqU
82OhwXn/c/jDNGgOFHorawnfXpzHM3WT8Btw5L4CIHm5pq7rbLjv+Ml9xFow2iRN
jFyAq4QNvfC6S5jd7Mpd
-----END CERTIFICATE REQUEST-----`,
  rsa1024: `-----BEGIN CERTIFICATE REQUEST-----
MIIBUjCBvAIBADATMREwDwYDVQQDDAhhbnl0aGluZzCBnzANBgkqhkiG9w0BAQEF
AAOBjQAwgYkCgYEAutY2iA3jLMBuPTDKiAO7qEK30SL5FyFIJoxLDoucJDmkGEHJ
dvkGITqjOiNzs/ofI5L9SOv/a4DvHlV37vRf8OUE+9ho25yNK5mr5viOC77gULmw
HnQTGu2g1XxApuWYQaeJc1+6cIJSrNF3qPAqn28lCyIPdDZRDpH1pJ9RHOECAwEA
AaAAMA0GCSqGSIb3DQEBCwUAA4GBAB5SPNY2b9/YTrPAUZFp7piCOcbdcXQL94u8
KqBrINm9JqFNCsViGFceXy9l6Hyc5knJtkDiB246fKJclGfdBY4TCDj9Yv1hFB0Z
bMtuT62y07Hd/h/U4rkQv5rn/juM68aXmrKaWbI9rl8g7tYV5ZYdlaSmAZgDZTSD
X6rTFwk+
-----END CERTIFICATE REQUEST-----`,
}

test('a request is signed for its own key, under the name of the device', async () => {
  const request = await readRequest(requests.p256)
  if (typeof request === 'string') throw new Error(request)
  const { certificate, key } = await mintDevice(await authority, { device: 'rtu-1', request }, order('43', 30))
  expect({ key, subject: new X509Certificate(certificate).subject }).toEqual({ key: null, subject: 'CN=rtu-1' })
})

test('what is no request, is not signed with its key, or has a weak key is told', async () => {
  expect(await readRequest('nonsense')).toMatch('no signing request')
  expect(await readRequest(requests.rsa1024)).toMatch('neither EC on P-256')
  const bytes = Buffer.from(requests.p256.split('\n').slice(1, -1).join(''), 'base64')
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  expect(await readRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----`)).toMatch(
    'not signed with its own key',
  )
})
