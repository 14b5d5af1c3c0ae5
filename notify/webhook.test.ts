import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Letter } from './channel.ts'
import type { Message } from './message.ts'
import { receiver, type Receiver } from './testing/receiver.ts'
import { createWebhook } from './webhook.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const letter: Letter = { id: 'msg_1', body: '{"type":"warning.raised","why":"水位"}', message: {} as Message }
const now = () => 1_700_000_000_900

let peer: Receiver
beforeEach(async () => {
  peer = await receiver()
})
afterEach(() => peer.close())

const channel = (more: Partial<Parameters<typeof createWebhook>[0]> = {}) =>
  createWebhook({ kind: 'webhook', name: 'desk', url: peer.url, secrets: [secret], allowPrivate: true, ...more }, { now })

test('a message is signed so that a receiver can check it by the standard alone', async () => {
  const older = `whsec_${randomBytes(24).toString('base64')}`
  expect(await channel({ secrets: [secret, older] }).deliver(letter)).toEqual({ kind: 'accepted', detail: 'answered 204' })
  const [got] = peer.received
  expect(got?.body).toBe(letter.body)
  expect(got?.headers).toMatchObject({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'content-type': 'application/json; charset=utf-8',
  })
  // computed here by the words of the standard: base64 secret behind whsec_, HMAC-SHA-256 over id.timestamp.body
  const given = String(got?.headers['webhook-signature']).split(' ')
  const expected = [secret, older].map((one) => {
    const key = Buffer.from(one.slice('whsec_'.length), 'base64')
    return createHmac('sha256', key).update(Buffer.from('msg_1.1700000000.')).update(Buffer.from(letter.body, 'utf8')).digest()
  })
  expect(given).toHaveLength(2)
  for (const [place, text] of given.entries()) {
    const [version, base64 = ''] = text.split(',')
    expect(version).toBe('v1')
    expect(timingSafeEqual(Buffer.from(base64, 'base64'), expected[place] ?? Buffer.alloc(32))).toBe(true)
  }
})

test('the worked example of the standard comes out', async () => {
  // Standard Webhooks, reference implementations' test vector
  const { signatures, secretBytes } = await import('./signature.ts')
  const key = secretBytes('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  expect(key).not.toBeNull()
  expect(signatures([key ?? Buffer.alloc(0)], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('every answer has its outcome', async () => {
  const outcome = async (answer: Receiver['answer'], expected: object) => {
    peer.answer = answer
    expect(await channel().deliver(letter)).toEqual(expected)
  }
  await outcome(200, { kind: 'accepted', detail: 'answered 200' })
  await outcome(400, { kind: 'failed', detail: 'answered 400' })
  await outcome(500, { kind: 'failed', detail: 'answered 500' })
  await outcome(410, { kind: 'gone', detail: 'answered 410' })
  await outcome((response) => response.writeHead(503, { 'retry-after': '120' }).end(), {
    kind: 'failed',
    detail: 'answered 503',
    afterMs: 120_000,
  })
  const later = new Date(now() + 60_000).toUTCString()
  await outcome((response) => response.writeHead(429, { 'retry-after': later }).end(), {
    kind: 'failed',
    detail: 'answered 429',
    afterMs: 59_100,
  })
})

test('redirects are not followed', async () => {
  const other = await receiver()
  peer.answer = (response) => response.writeHead(307, { location: other.url }).end()
  expect(await channel().deliver(letter)).toMatchObject({ kind: 'failed', detail: expect.stringContaining('redirects are not followed') })
  expect(other.received).toHaveLength(0)
  await other.close()
})

test('a receiver that stalls, cuts the line or is not there is a failure', async () => {
  peer.answer = 'stall'
  expect(await channel({ timeout: '50ms' }).deliver(letter)).toEqual({ kind: 'failed', detail: 'no answer within 50 ms' })
  peer.answer = (response) => response.destroy()
  expect(await channel().deliver(letter)).toMatchObject({ kind: 'failed' })
  await peer.close()
  expect(await channel().deliver(letter)).toMatchObject({ kind: 'failed', detail: expect.stringContaining('ECONNREFUSED') })
})

test('an answer without end holds nobody', async () => {
  peer.answer = (response) => {
    response.writeHead(200)
    response.write('x'.repeat(100_000))
  }
  expect(await channel().deliver(letter)).toMatchObject({ kind: 'accepted' })
})

test('addresses of this machine and of private nets are not connected to', async () => {
  const refused = async (url: string, found: string[] = []) => {
    const resolve = async () => found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const hook = createWebhook({ kind: 'webhook', name: 'desk', url, secrets: [secret] }, { now }, resolve)
    const outcome = await hook.deliver(letter)
    expect({ url, found, outcome }).toEqual({
      ...{ url, found },
      outcome: { kind: 'failed', detail: expect.stringContaining('is not an address of the public Internet') },
    })
  }
  const port = new URL(peer.url).port
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
    '192.168.1.1',
    '100.64.0.1',
  ])
    await refused(`https://${host}:${port}/`)
  for (const host of [
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])
    await refused(`https://${host}:${port}/`)
  await refused('https://inside.example/', ['127.0.0.1'])
  await refused('https://inside.example/', ['10.1.2.3', 'fd12::1'])
  await refused('https://nowhere.example/', [])
  expect(peer.received).toHaveLength(0)
})

test('the address that was checked is the one that is connected to', async () => {
  let asked = 0
  const rebinding = async () => {
    asked += 1
    // public at the first look, this machine at the second
    return [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]
  }
  const hook = createWebhook(
    { kind: 'webhook', name: 'desk', url: 'https://rebind.example/', secrets: [secret], timeout: '200ms' },
    { now },
    rebinding,
  )
  expect(await hook.deliver(letter)).toMatchObject({ kind: 'failed' })
  expect(asked).toBe(1)
  expect(peer.received).toHaveLength(0)
})

test('of several addresses only public ones are used', async () => {
  const { post } = await import('./post.ts')
  const resolve = async () => [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  const url = new URL(peer.url.replace('127.0.0.1', 'two.example'))
  const options = { url, headers: {}, body: '{}', timeoutMs: 1_000, resolve }
  await expect(post({ ...options, allowPrivate: false })).rejects.toThrow('127.0.0.1, ::1')
  expect(await post({ ...options, allowPrivate: true })).toEqual({ status: 204, retryAfter: null })
})

test('settings that cannot work are refused with what to do', () => {
  const refused = (more: Partial<Parameters<typeof createWebhook>[0]>, text: string) => expect(() => channel(more)).toThrow(text)
  refused({ url: 'not an address' }, 'is not an address')
  refused({ url: 'https://user:pass@example.org/' }, 'leave user and password out')
  refused({ url: 'http://example.org/', allowPrivate: false }, 'write https')
  refused({ url: 'file:///etc/passwd' }, 'is not allowed')
  refused({ secrets: ['hunter2'] }, 'openssl rand -base64 32')
  refused({ secrets: [`whsec_${Buffer.alloc(23).toString('base64')}`] }, 'secrets[0]')
  refused({ secrets: [secret, `whsec_${Buffer.alloc(65).toString('base64')}`] }, 'secrets[1]')
  refused({ timeout: 'soon' }, 'is not a length of time')
  expect(() => channel({ secrets: [`whsec_${Buffer.alloc(64).toString('base64')}`] })).not.toThrow()
})
