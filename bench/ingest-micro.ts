import type { JournalledDelivery } from '../domain/delivery.ts'
import { createFleet } from '../domain/fleet.ts'
import { deviceId } from '../domain/ids.ts'
import { createIngest } from '../ingest/ingest.ts'
import type { Pipeline } from '../ingest/pipeline.ts'
import { createMemoryJournal } from '../ingest/testing/memory-journal.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from '../ingest/testing/small-fleet.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Commit } from '../store/ports/ledger.ts'

const parameters = ['water_level', 'rainfall', 'water_temperature', 'ph', 'dissolved_oxygen', 'conductivity', 'turbidity', 'pm2_5']
const [seriesCount, batchSize, rounds, warmUp] = [1000, 5000, 120, 20]
const stations = Array.from({ length: seriesCount / parameters.length }, (_, i) => `station-${i}`)
const start = Date.UTC(2026, 10, 1)

/** A string as it comes from a file: one piece, its hash not known. */
const flat = (text: string): string => Buffer.from(text).toString()

/** CPU of the process so far, so that other work on the machine counts less. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The delivery of a number: 120 bytes, one value, each series in turn. */
function deliveryOf(number: number): JournalledDelivery {
  const [series, round] = [number % seriesCount, Math.floor(number / seriesCount)]
  const station = stations[Math.floor(series / parameters.length)] ?? ''
  const at = start + round * 300_000
  const value = (3 + Math.sin(number / 500) + (number % 7) / 1000).toFixed(3)
  const time = `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`
  const text = `{"seq":${round},"at":"${time}","values":{"${parameters[series % parameters.length]}":${value}},"battery":12.6,"signal":-71}`
  return {
    device: deviceId(flat(`rtu-${station}`)),
    source: 'mqtt',
    topic: flat(`devices/rtu-${station}/readings`),
    payload: Buffer.from(text),
    receivedAt: at + 500,
    number,
  }
}

/** A pipeline over 1,000 series whose ledger keeps nothing. */
function pipelineOverNothing(): Promise<Pipeline> {
  const sensors = (name: string) => parameters.map((parameter) => sensorOf(name, parameter))
  const devices = stations.map((name) => deviceOf(`rtu-${name}`, [name]))
  const network = networkOf(
    'n',
    stations.map((name) => stationOf(name, sensors(name))),
    devices,
  )
  const fleet = createFleet([network])
  const store = createMemoryStore()
  let [cursor, newest] = [0, 0]
  const commit = async (batch: Commit): Promise<number> => {
    cursor = batch.cursor
    return ++newest
  }
  const ledger = { ...store.ledger, cursor: () => cursor, deferred: () => ({ cursor, waiting: 0 }), newest: () => newest, commit }
  return createIngest({
    fieldCodecs: [],
    readPoint: () => null,
    journal: createMemoryJournal(),
    store: { telemetry: store.telemetry, ledger },
    fleet: () => fleet,
    timers: { wait: async () => undefined, breathe: () => new Promise((done) => setImmediate(done)), monotonic: cpuMs, random: () => 0.5 },
    settings: { batch: batchSize, maxSeries: 1_000_000, gather: '0s', retryFrom: '1s', retryTo: '10s' },
    graceMs: 0,
    onCommitted: () => undefined,
    onCarried: () => undefined,
    onRefused: () => undefined,
    onError: (error) => {
      throw error
    },
  })
}

/**
 * CPU of the hot path alone, without journal and store: decode, validate, reconcile and judge of single-value messages, beside a bare
 * JSON.parse of the same messages. Returns lines of µs a reading by stage.
 */
export async function ingestMicro(): Promise<string[]> {
  const pipeline = await pipelineOverNothing()
  const spent = new Map<string, number>()
  const add = (name: string, ms: number): void => void spent.set(name, (spent.get(name) ?? 0) + ms)
  let names = 0
  for (let round = 0; round < rounds; round++) {
    const batch = Array.from({ length: batchSize }, (_, i) => deliveryOf(round * batchSize + i + 1))
    const before: Record<string, number> = pipeline.figures().stageMs
    const began = cpuMs()
    await pipeline.carry({ deliveries: batch, cursor: batch.at(-1)?.number ?? 0, damaged: [] })
    const carried = cpuMs()
    for (const { payload } of batch) names += Object.keys(JSON.parse(Buffer.from(payload).toString()) as object).length
    const parsed = cpuMs()
    if (round < warmUp) continue
    add('a bare JSON.parse', parsed - carried)
    add('decode to judge', carried - began)
    for (const [stage, ms] of Object.entries(pipeline.figures().stageMs)) add(`  ${stage}`, ms - (before[stage] ?? 0))
  }
  const readings = (rounds - warmUp) * batchSize
  const head = `${readings} messages over ${seriesCount} series, ${names / rounds / batchSize} members each`
  return [head, ...[...spent].map(([name, ms]) => `${name}: ${((ms * 1000) / readings).toFixed(2)} µs of CPU a reading`)]
}
