import { afterEach, expect, test } from '@jest/globals'
import { afterwards, openBroker, until, type TestBroker } from '../broker/testing/brokers.ts'
import { unknownDevice } from '../domain/codec.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { Network } from '../domain/network.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { nativeJson } from '../ingest/codecs/native-json.ts'
import { hj212 } from '../gateways/hj212/codec.ts'
import * as ofHj212 from '../gateways/hj212/testing/gateways.ts'
import * as ofSl651 from '../gateways/sl651/testing/gateways.ts'
import { createFleet } from '../domain/fleet.ts'
import { deviceId } from '../domain/ids.ts'
import { createCatchment } from './world/catchment.ts'
import { demoFaults } from './demo-faults.ts'
import { demoModel } from './demo-model.ts'
import { demoNetwork } from './demo-network.ts'
import { startDemoFleet, type DemoFleet, type DemoFleetParts } from './fleet.ts'

const [minute, step, hour] = [60_000, 600_000, 3_600_000]
const start = Date.parse('2026-11-15T00:00:00Z')
const whole = readNetwork(demoNetwork, { file: null, run: null })
/** The same river with three devices: one of one station, one of two, one with a channel map. */
const network: Network = { ...whole, devices: whole.devices.filter(({ id }) => ['rtu-longtan', 'rain-north', 'rtu-0017'].includes(id)) }
const secrets = network.devices.map(({ id }) => ({ device: id, secret: `secret-of-${id}` }))

/** A clock that stands until it is moved; timers fire at once when it moves past them. */
function fakeTime(at: number) {
  const waiting: { at: number; run: () => void }[] = []
  let now = at
  return {
    now: () => now,
    timers: {
      setTimeout: (run: () => void, ms: number) => {
        const entry = { at: now + ms, run }
        if (ms === 0) setImmediate(run)
        else waiting.push(entry)
        return entry
      },
      clearTimeout: (handle: unknown) => void waiting.splice(0, waiting.length, ...waiting.filter((entry) => entry !== handle)),
    },
    move(ms: number) {
      now += ms
      const due = waiting.filter((entry) => entry.at <= now)
      waiting.splice(0, waiting.length, ...waiting.filter((entry) => entry.at > now))
      for (const { run } of due) run()
    },
  }
}

function run(broker: TestBroker, time: ReturnType<typeof fakeTime>, more: Partial<DemoFleetParts> = {}): DemoFleet {
  const url = `mqtt://127.0.0.1:${broker.port}`
  const fleet = startDemoFleet({
    url,
    secrets,
    network,
    seed: 1,
    now: time.now,
    timers: time.timers,
    log: () => undefined,
    historyDays: 0.25,
    ...more,
  })
  fleet.ready.catch(() => undefined)
  afterwards(() => fleet.stop())
  return fleet
}

const sent = (broker: TestBroker) =>
  broker.deliveries.flatMap(({ device, topic, payload }) =>
    topic.endsWith('/readings') ? nativeJson.decode(payload, unknownDevice, 0).groups.map((group) => ({ device, ...group })) : [],
  )
const values = (groups: readonly ReadingGroup[]) => groups.reduce((sum, group) => sum + group.readings.length, 0)

test('history goes out in time order and lock-step, all of it acknowledged', async () => {
  const broker = await openBroker()
  const steps: { at: number; deliveries: number }[] = []
  const fleet = run(broker, fakeTime(start), { afterStep: async (at) => void steps.push({ at, deliveries: broker.deliveries.length }) })
  await fleet.ready
  expect(steps.map(({ at }) => (at - start) / step)).toEqual(Array.from({ length: 36 }, (_, i) => i - 35))
  const groups = sent(broker)
  const order = groups.map(({ at }) => Math.ceil(((at ?? 0) - start) / step))
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(fleet.figures()).toMatchObject({ devices: 3, waiting: 0, dropped: 0, acknowledged: groups.length })

  const expected = createCatchment({ network, seed: 1, startAt: start - 6 * hour, model: demoModel, faults: demoFaults }).advanceTo(start)
  const stations = new Set(network.devices.flatMap((device) => device.stations))
  expect(values(groups)).toBe(expected.filter(({ sensor, value }) => value !== null && stations.has(sensor.station)).length)
})

test('devices speak their own words: channels, stations, battery', async () => {
  const broker = await openBroker()
  await run(broker, fakeTime(start)).ready
  const [channels] = sent(broker).filter(({ device }) => device === 'rtu-0017')
  expect(channels?.readings.map(({ name }) => name)).toEqual(['ch1', 'ch2'])
  expect(channels?.readings[0]?.station).toBeNull()
  expect(channels?.housekeeping?.map(({ name }) => name)).toEqual(['battery', 'signal'])
  const rain = sent(broker).filter(({ device }) => device === 'rain-north')
  expect(new Set(rain.flatMap(({ readings }) => readings.map(({ station }) => station)))).toEqual(new Set(['yunding', 'shimen']))
  const seqs = rain.map(({ seq }) => seq)
  expect(seqs).toEqual(seqs.map((_, i) => i + 1))
})

test('a second start begins an hour before what is stored, with the same values', async () => {
  const first = await openBroker()
  await run(first, fakeTime(start)).ready
  const second = await openBroker()
  await run(second, fakeTime(start), { since: start - 2 * hour }).ready
  const told = (broker: TestBroker) => sent(broker).map(({ device, at, readings }) => JSON.stringify([device, at, readings]))
  const earliest = Math.min(...sent(second).map(({ at }) => at ?? 0))
  expect((earliest - start) / minute).toBeGreaterThanOrEqual(-180)
  expect((earliest - start) / minute).toBeLessThan(-175)
  expect(told(second)).toEqual(told(first).slice(-told(second).length))
  expect(told(second).length).toBeGreaterThan(200)
})

test('then it runs by the clock, and a sleep of hours is made up for', async () => {
  const broker = await openBroker()
  const time = fakeTime(start)
  const fleet = run(broker, time, { historyDays: 0 })
  await fleet.ready
  const at = (device: string) => sent(broker).flatMap((group) => (group.device === device ? [((group.at ?? 0) - start) / minute] : []))
  for (let i = 0; i < 120; i += 1) {
    time.move(1_000)
    await new Promise(setImmediate)
  }
  await until(() => at('rtu-longtan').length >= 2)
  expect(at('rtu-longtan').every((each) => each >= 0 && each <= 2)).toBe(true)
  time.move(3 * hour)
  await until(() => at('rtu-longtan').length >= 182)
  expect(at('rtu-longtan').map((each) => Math.floor(each))).toEqual(Array.from({ length: 182 }, (_, i) => i))
  await fleet.stop()
  expect(broker.heard()).toContain('devices/rtu-longtan/status offline')
})

test('a refused login ends the start with its reason', async () => {
  const broker = await openBroker()
  const logged: string[] = []
  const wrong = secrets.map(({ device }, i) => ({ device, secret: i === 1 ? 'wrong' : `secret-of-${device}` }))
  const fleet = run(broker, fakeTime(start), { secrets: wrong, log: (message) => logged.push(message) })
  await expect(fleet.ready).rejects.toThrow('the broker refused the login')
  await until(() => logged.some((line) => line.startsWith('the demo fleet stops: ')))
  await fleet.stop()
})

test('stopped in the middle of its history it ends at once', async () => {
  const broker = await openBroker({
    accept: (delivery) => (delivery.topic.endsWith('/readings') ? new Promise<void>(() => undefined) : Promise.resolve()),
  })
  const time = fakeTime(start)
  const fleet = run(broker, time)
  await until(() => broker.deliveries.some(({ topic }) => topic.endsWith('/readings')))
  await broker.broker.close()
  const stopped = fleet.stop()
  time.move(5_000)
  await stopped
  await expect(fleet.ready).rejects.toThrow('stopped before its history was sent')
})

afterEach(async () => {
  await ofHj212.closeGateways()
  await ofSl651.closeGateways()
})

test('living stations of field protocols have their habits: an hour is kept back until it is recalled, a line is lost and comes back', async () => {
  const habitual: Network = { ...whole, devices: whole.devices.filter(({ id }) => ['logger-chengnan', 'rtu-shiqiao'].includes(id)) }
  const devices = () => createFleet([habitual])
  const hj = await ofHj212.openGateway([], {
    fleet: devices,
    identify: async () => ({ role: 'device', device: deviceId('logger-chengnan'), run: null }),
  })
  const sl = await ofSl651.openGateway({}, {}, devices())
  const broker = await openBroker()
  // of every fifth hour the first that is over is the one from here
  const lost = Math.floor(start / hour / 15) * 15 * hour
  const time = fakeTime(lost - 20 * minute)
  const fleet = run(broker, time, {
    network: habitual,
    secrets: [
      { device: deviceId('logger-chengnan'), secret: 'secret' },
      { device: deviceId('rtu-shiqiao'), secret: '03E8' },
    ],
    field: new Map([
      ['hj212', `127.0.0.1:${hj.port}`],
      ['sl651', `127.0.0.1:${sl.port}`],
    ]),
    historyDays: 0,
  })
  await fleet.ready
  const lines = (): number => sl.gateway.figures().connections
  const seen: number[] = []
  for (let i = 0; i < 160; i += 1) {
    time.move(minute)
    await new Promise(setImmediate)
    await until(() => fleet.figures().waiting === 0 || lines() === 0)
    if (seen.at(-1) !== lines()) seen.push(lines())
  }
  await until(() => lines() === 1 && fleet.figures().waiting === 0)
  // at the third hour, which is the beginning of the lost one
  expect(seen).toEqual([1, 0, 1])
  const hours = (): number[] => {
    const own = hj.deliveries.filter(({ topic }) => topic === 'hj212/2061')
    return own.map(({ payload }) => ((hj212.decode(payload, unknownDevice, 0).groups[0]?.at ?? 0) - lost) / hour)
  }
  expect([...new Set(hours())]).toEqual([-1, 1])
  const resend = { kind: 'resend', from: lost, to: lost + hour, everyMs: hour } as const
  expect(await hj.gateway.send(deviceId('logger-chengnan'), resend)).toMatchObject({ outcome: 'done' })
  expect(hours()).toContain(0)
})
