import { performance } from 'node:perf_hooks'
import { loadNetwork, strangersOf } from '../devices-sim/load/network.ts'
import { startOurs } from './ours.ts'
import { runLoad, until } from './processes.ts'
import { startTheirs } from './theirs.ts'
import type { LoadDevice, LoadOrder, Pace } from '../devices-sim/load/order.ts'

/** One pipeline under one load: from the first publish until every reading is stored. */
export interface EndToEnd {
  name: string
  connections: number
  readings: number
  perSecond: number
  /** CPU of the whole pipeline (load generator not counted) for a reading. */
  cpuMicros: number
  /** Rate at which publishes were acknowledged. */
  acknowledgedPerSecond: number
}

const startAt = Date.UTC(2026, 0, 1)
/** A reading a minute by the clock of the devices: a few mm of noise a second would be a flood to every test and rule. */
const minuteMs = 60_000

function orderOf(port: number, devices: readonly LoadDevice[], pace: Pace): LoadOrder {
  const rest = { keepAliveSeconds: 60, comingsPerMinute: 0, drainMs: 30_000, startAt, stepMs: minuteMs }
  return { host: '127.0.0.1', port, devices, pace, ...rest }
}

interface Pipeline {
  mqttPort: number
  devices: readonly LoadDevice[]
  cpu: () => number
  stored: () => Promise<number>
}

async function measure(name: string, pipeline: Pipeline, readings: number): Promise<EndToEnd> {
  const { length: connections } = pipeline.devices
  const before = pipeline.cpu()
  const begun = performance.now()
  const pace: Pace = { kind: 'closed', window: 20, messages: Math.ceil(readings / connections), ms: null }
  const result = await runLoad(orderOf(pipeline.mqttPort, pipeline.devices, pace))
  const sent = result.acknowledged
  await until(async () => (await pipeline.stored()) >= sent, 300_000, `${name} storing ${sent} readings`)
  const seconds = (performance.now() - begun) / 1000
  return {
    name,
    connections,
    readings: sent,
    perSecond: sent / seconds,
    cpuMicros: ((pipeline.cpu() - before) * 1e6) / sent,
    acknowledgedPerSecond: result.acknowledgedPerSecond,
  }
}

/** Ours and theirs in turn, each from nothing, on the same cores as the load generator. */
export async function endToEnd(
  connections: number,
  readings: number,
  newFolder: () => string,
): Promise<[ours: EndToEnd, theirs: EndToEnd]> {
  const ours = await startOurs(newFolder(), loadNetwork('bench', connections, '1m'))
  const first = await measure('Gaugekeeper (DuckDB)', ours, readings)
  await ours.stop()
  const theirs = await startTheirs(newFolder())
  const strangers = { ...theirs, devices: strangersOf('bench', connections) }
  const second = await measure('mosquitto, mqtt.js, WriteApi, influxd', strangers, readings)
  await theirs.stop()
  return [first, second]
}

export interface Latency {
  connections: number
  offeredPerSecond: number
  p50: number
  p99: number
}

const warmUpSeconds = 5

/** PUBACK latency at an offered rate; the acknowledgement follows the synced write. */
export async function pubackLatency(connections: number, rate: number, seconds: number, folder: string): Promise<Latency> {
  const ours = await startOurs(folder, loadNetwork('bench', connections, '1m'))
  const pace: Pace = { kind: 'open', phases: [{ perSecond: rate, ms: (seconds + warmUpSeconds) * 1000 }] }
  const { latencyMs } = await runLoad(orderOf(ours.mqttPort, ours.devices, pace), warmUpSeconds)
  await ours.stop()
  return { connections, offeredPerSecond: rate, p50: latencyMs.p50 ?? NaN, p99: latencyMs.p99 ?? NaN }
}
