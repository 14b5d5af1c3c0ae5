import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { createLiveHub } from '../domain/events.ts'
import { createFleet } from '../domain/fleet.ts'
import { runId, warningId } from '../domain/ids.ts'
import type { Warning } from '../domain/warning.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/ports/store.ts'
import { start, warningOf } from '../store/testing/rows.ts'
import { until } from '../testing/server.ts'
import type { Channel, Letter, Outcome } from './channel.ts'
import { NotifyConfig } from './config.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import type { OutboxEntry } from './outbox.ts'
import { channelKinds, createChannels } from './registry.ts'
import { settled, testClock, type TestClock } from './testing/clock.ts'
import { receiver } from './testing/receiver.ts'

const hour = 3_600_000

interface Desk {
  dispatch: Dispatch
  store: Store
  clock: TestClock
  lines: string[]
  /** Keeps versions and tells of them, as analytics does. */
  raise(...versions: Warning[]): Promise<void>
  entries(): Promise<OutboxEntry[]>
}

async function desk(channels: Channel[], { store = createMemoryStore(), clock = testClock(start + hour) } = {}): Promise<Desk> {
  const live = createLiveHub()
  const lines: string[] = []
  const dispatch = createDispatch({
    ...{ channels, live, timers: clock, documents: store.documents, warnings: store.warnings },
    ...{ now: clock.now, random: () => 0.5, fleet: () => createFleet([]), log: (line: string) => void lines.push(line) },
  })
  await dispatch.start()
  return {
    ...{ dispatch, store, clock, lines },
    async raise(...versions) {
      await store.warnings.putWarnings(versions, null)
      live.emit({ name: 'warnings', versions })
      await settled()
    },
    entries: async () => (await store.documents.list<OutboxEntry>('outbox')).map(({ body }) => body),
  }
}

/** A channel that answers from a list (the last answer for ever after) and remembers. */
function recording(name: string, outcomes: Outcome['kind'][], more: Partial<Channel> = {}): Channel & { letters: Letter[] } {
  const letters: Letter[] = []
  return {
    ...{ name, letters, simulated: false, level: 'blue', fingerprint: 'a' },
    async deliver(letter) {
      letters.push(letter)
      return { kind: outcomes[letters.length - 1] ?? outcomes.at(-1) ?? 'accepted', detail: 'as told' }
    },
    ...more,
  }
}

const active = (version = 1, part: Partial<Warning> = {}): Warning => warningOf({ version, ...part })
const ofRun = { run: runId('demo') }
const marked = (marks: Partial<Warning['marks']>): Partial<Warning> => ({ marks: { ...warningOf().marks, ...marks } })

test('each telling version goes once to each channel, with its record', async () => {
  const [a, b] = [recording('a', ['accepted']), recording('b', ['accepted'], { level: 'red' })]
  const { raise, entries, dispatch } = await desk([a, b])
  await raise(active(1))
  await raise(active(1), active(2, marked({ blind: true })))
  await raise(active(3, { level: 'red' }), active(4, { level: 'red', state: 'cleared', endedAt: start + hour }))
  expect(a.letters.map(({ message }) => [message.type, message.data.version])).toEqual([
    ['warning.raised', 1],
    ['warning.escalated', 3],
    ['warning.ended', 4],
  ])
  expect(b.letters.map(({ message }) => message.data.version)).toEqual([3, 4])
  expect(new Set([...a.letters, ...b.letters].map(({ id }) => id)).size).toBe(5)
  expect(a.letters[0]?.message.data).toMatchObject({
    status: 'Actual',
    simulated: false,
    why: { en: expect.any(String), zh: expect.any(String) },
  })
  expect(
    (await entries()).every(({ state, log }) => state === 'accepted' && log.map(({ what }) => what).join() === 'queued,sent,accepted'),
  ).toBe(true)
  expect(dispatch.figures()).toEqual({
    waiting: 0,
    overflowed: 0,
    outcomes: [
      { channel: 'a', outcome: 'accepted', count: 3 },
      { channel: 'b', outcome: 'accepted', count: 2 },
    ],
  })
  await dispatch.close()
})

test('simulated, drilled and back-filled warnings go nowhere unless a channel is opened by name', async () => {
  const [shut, open] = [recording('shut', ['accepted']), recording('open', ['accepted'], { simulated: true })]
  const { raise, dispatch } = await desk([shut, open])
  await raise(active(1, { id: warningId('w-sim'), ...ofRun }))
  await raise(active(1, { id: warningId('w-drill'), ...marked({ drill: true }) }))
  await raise(active(1, { id: warningId('w-old'), ...marked({ retrospective: true }) }))
  expect(shut.letters).toHaveLength(0)
  expect(open.letters.map(({ message }) => [message.data.warning, message.data.status, message.data.simulated])).toEqual([
    ['w-sim', 'Exercise', true],
    ['w-drill', 'Exercise', true],
  ])
  await dispatch.close()
})

test('what fails is tried again with the same id and bytes, and given up after three days', async () => {
  const channel = recording('a', ['failed'])
  const { raise, clock, entries, dispatch } = await desk([channel])
  await raise(active())
  expect(channel.letters).toHaveLength(1)
  await clock.pass(5_000)
  expect(channel.letters).toHaveLength(2)
  await clock.pass(80 * hour)
  expect(channel.letters).toHaveLength(10)
  expect(new Set(channel.letters.map(({ id, body }) => id + body)).size).toBe(1)
  const [entry] = await entries()
  expect(entry).toMatchObject({ state: 'given-up', attempts: 10 })
  expect(entry?.log.at(-1)).toMatchObject({ what: 'given-up', detail: '10 attempts failed' })
  await clock.pass(20 * hour)
  expect(channel.letters).toHaveLength(10)
  await dispatch.close()
})

test('what waits survives a restart, and what was sent is not sent again', async () => {
  const store = createMemoryStore()
  const first = recording('a', ['accepted', 'failed'])
  const before = await desk([first], { store })
  await before.raise(active(1))
  await before.raise(active(2, { level: 'red' }))
  expect(first.letters).toHaveLength(2)
  await before.dispatch.close()
  const second = recording('a', ['accepted'])
  const after = await desk([second], { store, clock: testClock(start + 2 * hour) })
  await settled()
  expect(second.letters.map(({ message }) => message.data.version)).toEqual([2])
  expect(second.letters[0]).toEqual(first.letters[1])
  await after.raise(active(1), active(2, { level: 'red' }))
  expect(second.letters).toHaveLength(1)
  await after.dispatch.close()
})

test('what was kept while nobody listened is told at the next start, but not what a new channel never knew', async () => {
  const store = createMemoryStore()
  await store.warnings.putWarnings([active(1, { id: warningId('w-before'), changedAt: start })], null)
  const first = recording('a', ['accepted'])
  const before = await desk([first], { store })
  await before.dispatch.close()
  expect(first.letters).toHaveLength(0)
  await store.warnings.putWarnings([active(1, { changedAt: start + 2 * hour }), active(1, { id: warningId('w-sim'), ...ofRun })], null)
  const [known, added] = [recording('a', ['accepted']), recording('new', ['accepted'])]
  const after = await desk([known, added], { store, clock: testClock(start + 3 * hour) })
  await settled()
  expect(known.letters.map(({ message }) => message.data.warning)).toEqual(['w-1'])
  expect(added.letters).toHaveLength(0)
  await after.dispatch.close()
})

test('a receiver that is gone shuts its channel until its settings change', async () => {
  const store = createMemoryStore()
  const channel = recording('a', ['gone'])
  const before = await desk([channel], { store })
  await before.raise(active(1))
  await before.raise(active(2, { level: 'red' }))
  expect(channel.letters).toHaveLength(1)
  expect(before.lines.join()).toContain('channel a is shut')
  expect(await before.entries()).toMatchObject([{ state: 'given-up' }])
  await before.dispatch.close()
  const same = recording('a', ['accepted'])
  const again = await desk([same], { store })
  await again.raise(active(1, { id: warningId('w-2') }))
  expect(same.letters).toHaveLength(0)
  await again.dispatch.close()
  const changed = recording('a', ['accepted'], { fingerprint: 'b' })
  const anew = await desk([changed], { store })
  await anew.raise(active(1, { id: warningId('w-3') }))
  expect(changed.letters.map(({ message }) => message.data.warning)).toContain('w-3')
  await anew.dispatch.close()
})

test('a store that is away loses no notification and doubles none', async () => {
  const channel = recording('a', ['accepted'])
  const { raise, store, clock, entries, dispatch } = await desk([channel])
  const { put } = store.documents
  const away = () => Promise.reject(new StoreUnavailable('keeping a document: the store is away'))
  store.documents.put = away
  await raise(active(1))
  expect(channel.letters).toHaveLength(0)
  store.documents.put = put
  await clock.pass(5_000)
  expect(channel.letters).toHaveLength(1)
  // away between the sending and the record of it
  channel.deliver = async (letter) => {
    channel.letters.push(letter)
    store.documents.put = away
    return { kind: 'accepted', detail: 'as told' }
  }
  await raise(active(2, { level: 'red' }))
  await clock.pass(60_000)
  store.documents.put = put
  await clock.pass(60_000)
  expect(channel.letters).toHaveLength(2)
  expect((await entries()).map(({ state }) => state)).toEqual(['accepted', 'accepted'])
  await dispatch.close()
})

test('more than fits into memory waits in the store', async () => {
  const channel = recording('a', ['failed'])
  let isOpen = false
  channel.deliver = async (letter) => {
    if (isOpen) channel.letters.push(letter)
    return { kind: isOpen ? 'accepted' : 'failed', detail: 'as told' }
  }
  const { raise, clock, dispatch } = await desk([channel])
  await raise(...Array.from({ length: 1_300 }, (_, i) => active(1, { id: warningId(`w-${String(i).padStart(4, '0')}`) })))
  await until(async () => (await settled(), dispatch.figures().waiting === 1_000))
  isOpen = true
  await clock.pass(3 * hour)
  await until(async () => (await clock.pass(hour), channel.letters.length === 1_300))
  expect(new Set(channel.letters.map(({ id }) => id)).size).toBe(1_300)
  await dispatch.close()
})

test('records that are over go after thirty days', async () => {
  const { raise, clock, entries, dispatch } = await desk([recording('a', ['accepted'])])
  await raise(active())
  await clock.pass(29 * 24 * hour)
  expect(await entries()).toHaveLength(1)
  await clock.pass(3 * 24 * hour)
  expect(await entries()).toHaveLength(0)
  await dispatch.close()
})

test('a webhook of the configuration gets a warning that refuses at first, over a real line', async () => {
  const peer = await receiver()
  peer.answer = 503
  const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
  const settings = {
    channels: [
      { kind: 'log', name: 'log' },
      { kind: 'webhook', name: 'desk', url: peer.url, secrets: [secret], allowPrivate: true },
    ],
  }
  expect([...Value.Errors(NotifyConfig, settings)]).toEqual([])
  const lines: string[] = []
  const clock = testClock(start + hour)
  const log = (line: string): void => void lines.push(line)
  const { raise, entries, dispatch } = await desk(createChannels((settings as NotifyConfig).channels, { now: clock.now, log }), { clock })
  await raise(active())
  await until(() => peer.received.length === 1)
  await until(async () => (await entries()).some(({ attempts }) => attempts === 1))
  peer.answer = 200
  await clock.pass(5_000)
  await until(async () => (await entries()).every(({ state }) => state === 'accepted'))
  expect(peer.received).toHaveLength(2)
  expect(peer.received[0]?.body).toBe(peer.received[1]?.body)
  expect(peer.received[0]?.headers['webhook-id']).toBe(peer.received[1]?.headers['webhook-id'])
  expect(lines).toEqual(['warning.raised yellow at qingxi: Level 3.1 m is above 3 m.'])
  await dispatch.close()
  await peer.close()
})

test('the default configuration has one channel, and wrong ones are refused', () => {
  const defaults = Value.Create(NotifyConfig) as NotifyConfig
  expect(defaults).toEqual({ channels: [{ kind: 'log', name: 'log' }] })
  const refused = (channel: object) => expect(Value.Check(NotifyConfig, { channels: [channel] })).toBe(false)
  refused({ kind: 'pigeon', name: 'a' })
  refused({ kind: 'log', name: 'A b' })
  refused({ kind: 'log', name: 'a', levle: 'red' })
  refused({ kind: 'webhook', name: 'a', url: 'https://example.org', secrets: [] })
  const parts = { now: () => 0, log: () => undefined }
  expect(() =>
    createChannels(
      [
        { kind: 'log', name: 'a' },
        { kind: 'log', name: 'a' },
      ],
      parts,
    ),
  ).toThrow('rename one')
})

test('every channel in the folder is registered', () => {
  const ground = ['addresses', 'attempt', 'backoff', 'channel', 'config', 'dispatch', 'errors', 'held', 'intake', 'message', 'occasion']
  const others = [...ground, 'outbox', 'post', 'registry', 'sender', 'signature', 'telling', 'timers']
  const files = readdirSync(new URL('.', import.meta.url)).flatMap((file) => (/^[a-z-]+\.ts$/.test(file) ? [file.replace('.ts', '')] : []))
  expect(files.filter((file) => !others.includes(file)).sort()).toEqual(channelKinds.map(({ kind }) => kind).sort())
})
