import { afterAll, beforeAll, expect, test } from '@jest/globals'
import mqtt, { type MqttClient } from 'mqtt'
import { gaugekeeper } from '../testing/command.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const device = 'logger-1'
const series = 'gauge-1/water_level/1'
const start = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000
const at = (i: number): string => new Date(start + i * 60_000).toISOString()

let system: ServedSystem
let client: MqttClient
beforeAll(async () => {
  const file = writeNetworkFile(temporaryFolder(), riverNetwork(2))
  system = await serve({ flags: ['--no-demo', '--network', file] })
  const secrets = await secretsOf(system, [device])
  client = await mqtt.connectAsync(system.mqtt, { username: device, password: secrets.get(device) ?? '', keepalive: 60 })
}, 120_000)
afterAll(async () => {
  await client.endAsync(true)
  await system.stop()
})

interface Counts {
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
}
const counts = async (): Promise<Counts> => {
  const { devices } = await system.get<{ devices: { id: string; counts: Counts }[] }>('/api/v1/devices')
  const { received, stored, versions, duplicate, quarantined } = devices.find(({ id }) => id === device)?.counts ?? ({} as Counts)
  expect(received).toBe(stored + versions + duplicate + quarantined)
  return { received, stored, versions, duplicate, quarantined }
}
const send = (values: object, i: number) =>
  client.publishAsync(`devices/${device}/readings`, JSON.stringify({ at: at(i), values }), { qos: 1 })

interface Version {
  value: number | null
  made: string
  tests: string[]
  correction: { by: string; reason: string; id: string } | null
}
const versions = async (i: number): Promise<Version[]> =>
  (await system.get<{ versions: Version[] }>(`/api/v1/observations/versions?series=${series}&at=${at(i)}`)).versions

test('an unknown channel is mapped, told before, run again and counted to the unit', async () => {
  for (let i = 0; i < 5; i++) await send({ lvl: 310 + i }, i)
  await until(async () => (await counts()).received === 5)
  expect(await counts()).toMatchObject({ stored: 0, quarantined: 5 })
  const reason = 'The new logger sends lvl in cm.'
  const mapping = ['devices', 'mapping', device, '--data', system.data]
  expect((await gaugekeeper(...mapping, '--channel', `lvl=${series}`, '--note', reason)).stdout).toMatch(/^version 1 of the mapping/)
  // what was set before stays
  expect((await gaugekeeper(...mapping, '--unit', 'water_level=cm', '--note', reason)).code).toBe(0)
  expect((await gaugekeeper(...mapping)).stdout).toMatch(/^channel +lvl = .*\nunit +water_level = cm\n/)
  const dry = await gaugekeeper('quarantine', 'repair', '--data', system.data, '--device', device)
  expect(dry.stdout).toMatch(/5 of 5 would be taken/)
  expect(await counts()).toMatchObject({ quarantined: 5 })
  const ran = await gaugekeeper('quarantine', 'run', '--data', system.data, '--note', 'mapped')
  expect(ran.stdout).toMatch(/5 of 5 were taken/)
  expect(await counts()).toEqual({ received: 5, stored: 5, versions: 0, duplicate: 0, quarantined: 0 })
  const shown = await gaugekeeper('quarantine', 'show', '1', '--data', system.data)
  expect(shown.stdout).toMatch(/run again by command line/)
}, 60_000)

test('an entry that nobody wants is closed with a reason; it stays counted, and is no problem any more', async () => {
  const other = 'logger-2'
  const secret = (await secretsOf(system, [other])).get(other) ?? ''
  const bench = await mqtt.connectAsync(system.mqtt, { username: other, password: secret, keepalive: 60 })
  await bench.publishAsync(`devices/${other}/readings`, 'hello', { qos: 1 })
  await bench.endAsync()
  const problems = async (): Promise<string[]> =>
    (await system.get<{ problems: { name: string }[] }>('/api/v1/system')).problems.map(({ name }) => name)
  await until(async () => (await problems()).includes('quarantine'))
  const close = ['quarantine', 'close', '--data', system.data, '--note', 'Sent from the bench.']
  expect((await gaugekeeper(...close)).stderr).toContain('not all is closed at once')
  expect((await gaugekeeper(...close, '--device', other, '--dry-run')).stdout).toBe('would close: entries 1, values 1\n')
  const { entries } = await system.get<{ entries: { id: number }[] }>(`/api/v1/quarantine?device=${other}`)
  const id = String(entries[0]?.id)
  expect((await gaugekeeper(...close, id)).stdout).toBe('closed: entries 1, values 1\n')
  expect((await gaugekeeper(...close, id)).stdout).toBe('closed: entries 0, values 0\n')
  expect(await problems()).not.toContain('quarantine')
  expect((await gaugekeeper('quarantine', 'show', id, '--data', system.data)).stdout).toMatch(
    /closed +by command line at .*: Sent from the bench/,
  )
  const { devices } = await system.get<{ devices: { id: string; counts: Counts }[] }>('/api/v1/devices')
  expect(devices.find(({ id }) => id === other)?.counts).toMatchObject({ received: 1, stored: 0, quarantined: 1 })
}, 60_000)

test('values are corrected with who and why, and the answer of a re-send is a duplicate', async () => {
  const change = { series, from: at(0), to: at(2), change: { factor: 1, offset: 0.5 }, reason: 'Gauge board read at the visit.' }
  expect(await system.send('POST', '/api/v1/observations/corrections', change)).toMatchObject({ id: null, readings: 2, carried: null })
  const single = { series, at: [at(1)], change: { set: 1 }, reason: change.reason }
  expect(await system.send('POST', '/api/v1/observations/corrections', single)).toMatchObject({ readings: 1 })
  expect(await system.send('POST', '/api/v1/observations/corrections', { ...change, dryRun: false })).toMatchObject({
    carried: { by: 'command line', outcome: { versions: 2 } },
  })
  const made = await versions(0)
  expect(made.map(({ value, made: how }) => [value, how])).toEqual([
    [3.1, 'received'],
    [3.6, 'corrected'],
  ])
  expect(made[1]?.correction).toMatchObject({ by: 'command line', reason: change.reason })
  await send({ lvl: 310 }, 0)
  await until(async () => (await counts()).duplicate === 1)
})

test('a clock correction moves what is stored and is taken back', async () => {
  const base = `/api/v1/devices/${device}/clock`
  const asked = { from: at(0), offset: '-30m', reason: 'Compared with a phone.', dryRun: false }
  const { id } = await system.send<{ id: string }>('POST', `${base}/corrections`, asked)
  await expect(system.send('POST', `${base}/corrections`, asked)).rejects.toThrow(/409/)
  expect((await versions(-30)).at(-1)).toMatchObject({ value: 3.6, tests: expect.arrayContaining(['clock_corrected']) })
  expect((await versions(0)).at(-1)).toMatchObject({ value: null, tests: ['moved'], made: 'corrected' })
  await system.send('POST', `${base}/corrections/${id}/withdraw`, { reason: 'It was the phone.', dryRun: false })
  expect((await versions(0)).at(-1)).toMatchObject({ value: 3.6 })
  expect((await versions(-30)).at(-1)).toMatchObject({ value: null })
  expect(await counts()).toMatchObject({ received: 6, stored: 5, duplicate: 1 })
  const { clock, corrections } = await system.get<{ clock: { offsetMs: number | null }; corrections: unknown[] }>(base)
  expect([clock.offsetMs, corrections.length]).toEqual([null, 2])
})

test('what a clock ahead sent is saved: the clock is declared, and what was put aside is run again', async () => {
  const ahead = 8 * 60
  for (let i = 60; i < 63; i++) await send({ lvl: 300 + i }, i + ahead)
  await until(async () => (await counts()).quarantined === 3)
  const clock = ['devices', 'clock', device, '--data', system.data]
  const declared = ['--from', at(60 + ahead), '--offset', '-8h', '--note', 'It was set to the wrong zone.']
  expect((await gaugekeeper(...clock, ...declared, '--dry-run')).stdout).toMatch(/^0 stored readings would move\n/)
  expect((await gaugekeeper('devices', 'clock', device, '--data', system.data, '--offset', '-8h')).stderr).toContain(
    '--from says since when',
  )
  expect((await gaugekeeper(...clock, ...declared)).stdout).toMatch(/^0 stored readings move; correction /)
  expect((await gaugekeeper(...clock)).stdout).toContain('It was set to the wrong zone.')
  expect((await gaugekeeper('quarantine', 'run', '--data', system.data, '--note', 'clock declared')).stdout).toMatch(/3 of 3 were taken/)
  expect((await versions(60)).at(-1)).toMatchObject({ value: 3.6, tests: expect.arrayContaining(['clock_corrected']) })
}, 60_000)

test('what a clock that was reset sent gets its true times, by what it showed when', async () => {
  const now = Date.now()
  const shown = (i: number): string => new Date(3_600_000 + i * 1_000).toISOString()
  for (let i = 0; i < 2; i++)
    await client.publishAsync(`devices/${device}/readings`, JSON.stringify({ at: shown(i), values: { lvl: 200 + i } }), { qos: 1 })
  await until(async () => (await counts()).quarantined === 2)
  const clock = ['devices', 'clock', device, '--data', system.data, '--note', 'Seen on its display.']
  const when = new Date(now - 3_000).toISOString()
  expect((await gaugekeeper(...clock, '--from', '2026-01-01T00:00:00Z', '--offset', '20000d')).stderr).toContain(
    'for times before 2002 alone',
  )
  expect((await gaugekeeper(...clock, '--said', shown(0))).stderr).toContain('either offset, or said and when')
  expect((await gaugekeeper(...clock, '--said', shown(0), '--when', when)).stdout).toMatch(/^0 stored readings move; correction /)
  const ran = await gaugekeeper('quarantine', 'run', '--data', system.data, '--reason', 'time-1970', '--note', 'clock declared')
  expect(ran.stdout).toContain(`stored 1, versions 0, duplicate 0, of ${when}\n`)
  expect(ran.stdout).toMatch(/2 of 2 were taken/)
  const { versions: made } = await system.get<{ versions: Version[] }>(`/api/v1/observations/versions?series=${series}&at=${when}`)
  expect(made.at(-1)).toMatchObject({ value: 2, tests: expect.arrayContaining(['clock_corrected']) })
  expect((await gaugekeeper('devices', 'clock', device, '--data', system.data)).stdout).toMatch(
    /clock {2}c-.* from 1969-12-31T10:00:00.000Z .*, for what came from/,
  )
}, 60_000)
