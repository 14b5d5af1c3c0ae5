import { expect, test } from '@jest/globals'
import { GaugekeeperError } from '../domain/errors.ts'
import type { Receipt } from '../domain/receipt.ts'
import type { ReceiptDesk } from './parts.ts'
import { testHouse } from './testing/house.ts'

const basic = (name: string, secret: string): string => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
const right = basic('rtu-0017', 'secret-of-0017')
const body = '{ "seq": 1, "at": "2026-03-01T00:00:00Z",  "values": { "water_level": 3.42 } }'

const post = (authorization: string, payload: string | Buffer = body, query = '') => ({
  method: 'POST' as const,
  url: `/api/v1/deliveries${query}`,
  headers: { 'content-type': 'application/json', authorization },
  payload,
})

test('the bytes go to the journal as they came, before the answer', async () => {
  let kept = (): void => undefined
  const journalled = new Promise<number>((resolve) => (kept = () => resolve(7)))
  let waiting = false
  const house = await testHouse({ parts: { accept: () => ((waiting = true), journalled) } })
  let answered = false
  const answer = house.anyone(post(right)).then((got) => ((answered = true), got))
  while (!waiting) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(answered).toBe(false)
  kept()
  const { statusCode, json } = await answer
  expect(statusCode).toBe(202)
  expect(json()).toEqual({ accepted: true, delivery: 7, receivedAt: house.clock.now, bytes: body.length })
  await house.app.close()
})

test('who waits for the receipt gets it as the answer, or asks for it later', async () => {
  const receipt: Receipt = {
    ...{ delivery: 1, receivedAt: 0, seq: { from: 1, to: 1 }, contiguousSeq: 1 },
    ...{ accepted: 1, late: 0, duplicate: 0, quarantined: 0, items: [] },
  }
  const told: string[] = []
  const receipts: ReceiptDesk = {
    expect: (device) => void told.push(device),
    wait: async (delivery) => (delivery === 1 ? receipt : null),
    find: (device, delivery) => (device === 'rtu-0017' && delivery === 1 ? receipt : null),
  }
  const house = await testHouse({ parts: { receipts } })
  const waited = await house.anyone(post(right, body, '?wait=receipt'))
  expect([waited.statusCode, waited.json()]).toEqual([200, receipt])
  const late = await house.anyone(post(right, body, '?wait=receipt'))
  expect([late.statusCode, late.json<{ delivery: number }>().delivery]).toEqual([202, 2])
  expect(told).toEqual(['rtu-0017', 'rtu-0017'])
  const ask = (delivery: number) => house.anyone({ url: `/api/v1/deliveries/${delivery}/receipt`, headers: { authorization: right } })
  expect((await ask(1)).json()).toEqual(receipt)
  expect((await ask(2)).statusCode).toBe(404)
  expect((await house.anyone('/api/v1/deliveries/1/receipt')).statusCode).toBe(401)
  await house.app.close()
})

test('every form of login and payload finds its topic', async () => {
  const house = await testHouse()
  const topics = async (authorization: string, query: string, topic: string) => {
    expect((await house.anyone(post(authorization, body, query))).statusCode).toBe(202)
    const last = house.deliveries.at(-1)
    expect(last).toMatchObject({ device: 'rtu-0017', source: 'http', topic, receivedAt: house.clock.now })
    expect(Buffer.from(last?.payload ?? []).toString()).toBe(body)
  }
  await topics(right, '', 'devices/rtu-0017/readings')
  await topics('Bearer rtu-0017:secret-of-0017', '?format=native', 'devices/rtu-0017/readings')
  await topics('Bearer rtu-0017:secret-of-0017', '?format=senml', 'devices/rtu-0017/senml')
  await topics('Bearer secret-of-0017', '?format=telemetry', 'v1/devices/me/telemetry')
  await house.app.close()
})

test('who is not known is not journalled', async () => {
  const house = await testHouse()
  const refused = async (authorization: string, status = 401) => expect((await house.anyone(post(authorization))).statusCode).toBe(status)
  await refused(basic('rtu-0017', 'wrong'))
  await refused(basic('rtu-9999', 'secret-of-0017'))
  await refused('Bearer token-of-the-command-line')
  await refused('Basic %%%')
  await refused('')
  const cookie = await house.loggedIn()
  expect((await house.anyone({ ...post(''), headers: { cookie, 'content-type': 'application/json' } })).statusCode).toBe(401)
  await refused(right, 202)
  expect(house.deliveries).toHaveLength(1)
  await house.app.close()
})

test('what cannot be a delivery is refused before the journal', async () => {
  const house = await testHouse()
  const status = async (options: Parameters<typeof house.anyone>[0], expected: number) =>
    expect((await house.anyone(options)).statusCode).toBe(expected)
  await status(post(right, ''), 400)
  await status(post(right, Buffer.alloc(262_145, 0x20)), 413)
  await status({ ...post(right), headers: { authorization: right, 'content-type': 'text/plain' } }, 415)
  await status({ ...post(right), headers: { authorization: right, 'content-type': 'application/json', 'content-encoding': 'gzip' } }, 415)
  await status(post(right, body, '?format=xml'), 400)
  expect(house.deliveries).toHaveLength(0)
  // bytes that are no JSON are a matter of the pipeline: acknowledged, kept, explained
  await status(post(right, Buffer.from([0xff, 0xfe, 0x00])), 202)
  await status(post(right, Buffer.alloc(262_144, 0x20)), 202)
  await house.app.close()
})

test('a full journal acknowledges nothing and says when to come back', async () => {
  const full = () => Promise.reject(new GaugekeeperError('journal-full', 'appending a delivery of rtu-0017: the journal is full'))
  const house = await testHouse({ parts: { accept: full } })
  const answer = await house.anyone(post(right))
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('5')
  expect(answer.json()).toMatchObject({ code: 'unavailable' })
  await house.app.close()
})

test('a device that sends too fast is told when to come back, nothing of it is kept, and others are taken', async () => {
  const left = new Map([['rtu-0017', 2]])
  const takeTurn = (device: string): boolean => {
    const turns = left.get(device) ?? 0
    left.set(device, turns - 1)
    return turns > 0
  }
  const house = await testHouse({ parts: { takeTurn } })
  const sent = [await house.anyone(post(right)), await house.anyone(post(right)), await house.anyone(post(right))]
  expect(sent.map(({ statusCode }) => statusCode)).toEqual([202, 202, 429])
  expect(sent[2]?.headers['retry-after']).toBe('1')
  expect(house.deliveries).toHaveLength(2)
  expect([...house.app.refused()]).toEqual([['too-many', 1]])
  // asking for a receipt is no message
  expect((await house.anyone({ url: '/api/v1/deliveries/1/receipt', headers: { authorization: right } })).statusCode).toBe(200)
  expect(left.get('rtu-0017')).toBe(-1)
  await house.app.close()
})
