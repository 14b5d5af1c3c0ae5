import { performance } from 'node:perf_hooks'
import { benchNetwork, startOurs } from './ours.ts'
import { runLoad, until } from './processes.ts'
import { startTheirs } from './theirs.ts'
import type { LoadOrder } from './load.ts'

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

function fullSpeed(port: number, connections: number, readings: number, logins: LoadOrder['logins']): LoadOrder {
  return { port, connections, messages: Math.ceil(readings / connections), window: 20, rate: null, startAt, stepMs: 1000, logins }
}

interface Pipeline {
  mqttPort: number
  logins: LoadOrder['logins']
  cpu: () => number
  stored: () => Promise<number>
}

async function measure(name: string, pipeline: Pipeline, connections: number, readings: number, folder: string): Promise<EndToEnd> {
  const before = pipeline.cpu()
  const begun = performance.now()
  const result = await runLoad(fullSpeed(pipeline.mqttPort, connections, readings, pipeline.logins), folder)
  await until(async () => (await pipeline.stored()) >= result.sent, 300_000, `${name} storing ${result.sent} readings`)
  const seconds = (performance.now() - begun) / 1000
  return {
    name,
    connections,
    readings: result.sent,
    perSecond: result.sent / seconds,
    cpuMicros: ((pipeline.cpu() - before) * 1e6) / result.sent,
    acknowledgedPerSecond: result.perSecond,
  }
}

/** Ours and theirs in turn, each from nothing, on the same cores as the load generator. */
export async function endToEnd(
  connections: number,
  readings: number,
  newFolder: () => string,
): Promise<[ours: EndToEnd, theirs: EndToEnd]> {
  const ourFolder = newFolder()
  const ours = await startOurs(ourFolder, benchNetwork(connections))
  const first = await measure('Gaugekeeper (DuckDB)', ours, connections, readings, ourFolder)
  await ours.stop()
  const theirFolder = newFolder()
  const theirs = await startTheirs(theirFolder)
  const second = await measure('mosquitto, mqtt.js, WriteApi, influxd', { ...theirs, logins: null }, connections, readings, theirFolder)
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
  const ours = await startOurs(folder, benchNetwork(connections))
  const result = await runLoad(
    { ...fullSpeed(ours.mqttPort, connections, rate * (seconds + warmUpSeconds), ours.logins), rate, warmUpSeconds },
    folder,
  )
  await ours.stop()
  return { connections, offeredPerSecond: rate, p50: result.p50 ?? NaN, p99: result.p99 ?? NaN }
}
