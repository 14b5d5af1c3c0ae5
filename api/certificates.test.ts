import { X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { DeviceList } from './schemas/device.ts'
import type { IssuedCertificate } from './schemas/certificate.ts'
import { testHouse, type TestHouse } from './testing/house.ts'

const place = '/api/v1/devices/rtu-real/certificates'
const issue = (house: TestHouse, payload: object = {}) => house.cli({ method: 'POST', url: place, payload })

test('a certificate is issued, listed, renewed with an overlap and revoked, and its key is in no other answer', async () => {
  const house = await testHouse()
  expect((await house.anyone('/api/v1/certificates/authority')).statusCode).toBe(404)
  const answer = await issue(house, { days: 30 })
  const first = answer.json<IssuedCertificate>()
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(new X509Certificate(first.pem).subject).toBe('CN=rtu-real')
  expect(first.key).toContain('PRIVATE KEY')
  expect((await house.anyone('/api/v1/certificates/authority')).body).toBe(first.authority)

  const second = (await issue(house, { overlap: '7d' })).json<IssuedCertificate>()
  const listed = (await house.cli(place)).json<{ certificates: object[] }>()
  const ended = { ...first.certificate, until: house.clock.now + 7 * 86_400_000 }
  expect(new Set(listed.certificates)).toEqual(new Set([second.certificate, ended]))
  const note = async () => {
    const { devices } = (await house.cli('/api/v1/devices')).json<DeviceList>()
    return devices.find(({ id }) => id === 'rtu-real')?.certificates.map(({ serial }) => serial)
  }
  expect(new Set(await note())).toEqual(new Set([first.certificate.serial, second.certificate.serial]))
  const revoke = () => house.cli({ method: 'DELETE', url: `${place}/${first.certificate.serial}` })
  expect([(await revoke()).statusCode, (await revoke()).statusCode]).toEqual([200, 404])
  expect(await note()).toEqual([second.certificate.serial])

  // the device as a whole: it has no secret, and still something that ends
  const end = () => house.cli({ method: 'POST', url: '/api/v1/devices/rtu-real/revoke', payload: {} })
  expect([(await end()).statusCode, (await end()).statusCode, await note()]).toEqual([200, 404, []])
  expect(house.noted.map(({ action, target }) => `${action} ${target}`)).toEqual(
    expect.arrayContaining([
      'issueCertificate rtu-real',
      `revokeCertificate rtu-real/${first.certificate.serial}`,
      'revokeDevice rtu-real',
    ]),
  )
  expect(JSON.stringify(house.noted)).not.toContain('PRIVATE')
  await house.app.close()
})

test('what cannot be signed, is too long, or is for nobody is told', async () => {
  const house = await testHouse()
  const refuses = async (payload: object, words: string) =>
    expect((await issue(house, payload)).json()).toMatchObject({ detail: expect.stringContaining(words) })
  await refuses({ request: 'nonsense' }, 'No certificate was made: this is no signing request')
  await refuses({ days: 4_000 }, 'days')
  await refuses({ overlap: 'soon' }, 'is not a length of time')
  await refuses({ overlap: '900d' }, 'is longer than 90d')
  const nobody = await house.cli({ method: 'POST', url: '/api/v1/devices/rtu-rael/certificates', payload: {} })
  expect(nobody.json()).toMatchObject({ code: 'not-found', detail: expect.stringContaining('did you mean rtu-real?') })
  await house.app.close()
})
