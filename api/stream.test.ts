import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { runId } from '../domain/ids.ts'
import { warningOf } from '../store/testing/rows.ts'
import { until } from '../testing/server.ts'
import { cookieOf, minute, seriesOf, start, storedRow, testHouse, type TestHouse } from './testing/house.ts'

const run = runId('demo')
const row = (i: number) => storedRow({ observedAt: start + i * minute, value: i, run })

interface Message {
  event: string
  id: string
  data: unknown
}

/** A browser's EventSource over a real socket: what came, and the last id. */
class Follower {
  readonly messages: Message[] = []
  text = ''
  ended = false
  lastId = ''
  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => this.read(chunk))
    response.on('error', () => undefined)
    response.on('close', () => (this.ended = true))
  }

  static async of(house: TestHouse, query = '', headers: Record<string, string> = {}): Promise<Follower> {
    if (!house.app.server.listening) await house.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = house.app.server.address() as AddressInfo
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ port, host: '127.0.0.1', path: `/api/v1/stream${query}`, headers, agent: false }, resolve).once('error', reject),
    )
    return new Follower(response)
  }

  private read(chunk: string): void {
    this.text += chunk
    for (let end = this.text.indexOf('\n\n'); end >= 0; end = this.text.indexOf('\n\n')) {
      const fields = new Map(
        this.text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      this.text = this.text.slice(end + 2)
      this.lastId = fields.get('id') ?? this.lastId
      if (fields.has('')) this.messages.push({ event: 'comment', id: '', data: fields.get('') })
      if (fields.has('data'))
        this.messages.push({ event: fields.get('event') ?? '', id: this.lastId, data: JSON.parse(fields.get('data') ?? '') })
    }
  }

  values(): unknown[] {
    return this.messages.flatMap(({ event, data }) =>
      event === 'observations' ? (data as { observations: { value: unknown }[] }).observations.map((one) => one.value) : [],
    )
  }

  close(): void {
    this.response.destroy()
  }
}

test('who comes back with the last id misses nothing and gets nothing twice', async () => {
  const house = await testHouse()
  const first = await Follower.of(house)
  expect(first.response.headers['content-type']).toContain('text/event-stream')
  expect(first.response.headers['content-security-policy']).toContain("default-src 'self'")
  await house.commit([row(1), row(2)])
  await house.commit([row(3)])
  await until(() => first.values().length === 3)
  first.close()
  await until(() => house.app.liveFigures().clients === 0)
  await house.commit([row(4)])
  await house.commit([row(5)])
  const second = await Follower.of(house, '?topics=observations', { 'last-event-id': first.lastId })
  await house.commit([row(6)])
  await until(() => second.values().length === 3)
  expect([...first.values(), ...second.values()]).toEqual([1, 2, 3, 4, 5, 6])
  await house.app.close()
  await until(() => second.ended)
})

test('a client that was there before the first event can come back too', async () => {
  const house = await testHouse()
  const early = await Follower.of(house)
  await until(() => early.lastId !== '')
  early.close()
  await house.commit([row(1)])
  const back = await Follower.of(house, `?lastEventId=${early.lastId}`)
  await until(() => back.values().length === 1)
  await house.app.close()
})

test('a page that was made of an answer follows from that answer on, also when nobody else listens', async () => {
  const house = await testHouse({ config: { streamRing: 10 } })
  for (let i = 0; i < 50; i += 1) await house.commit([row(i)])
  const answer = await house.anyone('/api/v1/stations')
  await house.commit([row(100)])
  await house.commit([row(101)])
  const follower = await Follower.of(house, `?lastEventId=${String(answer.headers['x-event-id'])}`)
  await until(() => follower.messages.length === 2)
  expect(follower.values()).toEqual([100, 101])
  await house.app.close()
})

test('an id that is no longer kept, or of another start, resets', async () => {
  const house = await testHouse({ config: { streamRing: 3 } })
  const first = await Follower.of(house)
  await until(() => first.lastId !== '')
  const lost = first.lastId
  first.close()
  for (let i = 0; i < 5; i += 1) await house.commit([row(i)])
  const reason = async (id: string) => {
    const follower = await Follower.of(house, '', { 'last-event-id': id })
    await until(() => follower.messages.length > 0)
    follower.close()
    return follower.messages[0]
  }
  expect(await reason(lost)).toMatchObject({ event: 'reset', data: { reason: 'too-old' } })
  const newest = (await reason(lost))?.id ?? ''
  expect(await reason('someotherboot.2')).toMatchObject({ event: 'reset', data: { reason: 'restarted' }, id: newest })
  expect(await reason('nonsense')).toMatchObject({ event: 'reset', data: { reason: 'restarted' } })
  const resumed = await Follower.of(house, '', { 'last-event-id': newest.replace(/\d+$/, '2') })
  await until(() => resumed.values().length === 3)
  expect(resumed.values()).toEqual([2, 3, 4])
  await house.app.close()
})

test('a client gets the topics and stations it asked for, and what it may see', async () => {
  const house = await testHouse()
  const warnings = await Follower.of(house, '?topics=warnings')
  const station = await Follower.of(house, '?stations=lower-weir')
  const all = await Follower.of(house)
  const cookie = await house.loggedIn()
  const person = await Follower.of(house, '', { cookie })
  await house.commit([
    row(1),
    storedRow({ series: seriesOf('lower-weir'), value: 2, run }),
    storedRow({ series: seriesOf('real-gauge'), value: 3 }),
  ])
  house.live.emit({ name: 'warnings', versions: [warningOf({ run })] })
  await until(
    () => all.messages.length === 2 && warnings.messages.length === 1 && station.messages.length === 1 && person.messages.length === 3,
  )
  expect(warnings.messages[0]).toMatchObject({
    event: 'warnings',
    data: { warnings: [{ id: 'w-1', simulated: true, stationName: { en: 'Qingxi' } }] },
  })
  expect(station.values()).toEqual([2])
  expect(all.values()).toEqual([1, 2])
  expect(person.values()).toEqual([1, 2, 3])
  expect((await house.anyone('/api/v1/stream?topics=warning')).json<{ detail: string }>().detail).toContain('did you mean warnings?')
  await house.app.close()
})

test('an idle line gets a sign of life', async () => {
  const house = await testHouse({ config: { streamHeartbeat: '10ms' } })
  const follower = await Follower.of(house)
  await until(() => follower.messages.filter(({ event }) => event === 'comment').length >= 2)
  await house.app.close()
})

test('a client that takes nothing is dropped and counted, and others are not harmed', async () => {
  const house = await testHouse({ config: { streamPatience: '50ms' } })
  const [slow, quick] = [await Follower.of(house), await Follower.of(house)]
  slow.response.pause()
  // more than the socket buffers of the system hold
  const wide = Array.from({ length: 500 }, (_, i) => row(i))
  let sent = 0
  while (house.app.liveFigures().dropped === 0 && sent < 2_000) {
    await house.commit(wide)
    sent += 1
    await until(() => quick.values().length === sent * wide.length)
  }
  expect(house.app.liveFigures()).toMatchObject({ clients: 1, dropped: 1 })
  await house.commit([row(1)])
  await until(() => quick.values().length === sent * wide.length + 1)
  await house.app.close()
})

test('a live connection ends with the key or the session that it stands on, and no other does', async () => {
  const house = await testHouse({ config: { sessionTtl: '1h' } })
  const { keys, people } = house.parts
  const keyOf = (name: string, expiresAt: number | null) => keys.make({ name, scopes: ['read'], expiresAt, by: 'admin' })
  const [one, two, brief] = [await keyOf('one', null), await keyOf('two', null), await keyOf('brief', house.clock.now + minute)]
  const byKey = ({ token }: typeof one) => Follower.of(house, '', { authorization: `Bearer ${token}` })
  const [revoked, kept, passing] = [await byKey(one), await byKey(two), await byKey(brief)]
  await keys.revoke(one.key.id)
  await until(() => revoked.ended)

  const cookies = [await house.loggedIn(), await house.loggedIn(), await house.loggedIn()]
  const [leaving, changed] = await Promise.all(cookies.map((cookie) => Follower.of(house, '', { cookie })))
  await house.anyone({ method: 'DELETE', url: '/api/v1/session', headers: { cookie: cookies[0] ?? '' } })
  await until(() => leaving?.ended === true)
  expect([kept.ended, passing.ended, changed?.ended]).toEqual([false, false, false])
  house.clock.now += minute
  await until(() => passing.ended)
  expect([kept.ended, changed?.ended]).toEqual([false, false])
  await people.setPassword('admin', 'yet another passphrase')
  await until(() => changed?.ended === true)

  await people.add('lin', 'viewer')
  await people.setPassword('lin', 'a passphrase of hers')
  const login = { method: 'POST' as const, url: '/api/v1/session', payload: { user: 'lin', password: 'a passphrase of hers' } }
  const sessionOf = async () => Follower.of(house, '', { cookie: cookieOf(await house.anyone(login)) })
  const removed = await sessionOf()
  await people.remove('lin')
  await until(() => removed.ended)
  await house.commit([row(1)])
  await until(() => kept.values().length === 1)
  await house.app.close()
})

test('there are no more live connections than allowed', async () => {
  const house = await testHouse({ config: { streamClients: 1 } })
  const first = await Follower.of(house)
  expect((await house.anyone('/api/v1/stream')).statusCode).toBe(503)
  first.close()
  await until(() => house.app.liveFigures().clients === 0)
  const second = await Follower.of(house)
  expect(second.response.statusCode).toBe(200)
  await house.app.close()
})
