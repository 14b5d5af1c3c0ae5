import type { JournalledDelivery } from '../domain/delivery.ts'
import { createFleet } from '../domain/fleet.ts'
import { deviceId } from '../domain/ids.ts'
import { createIngest } from '../ingest/ingest.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from '../ingest/testing/small-fleet.ts'
import type { Commit } from '../store/ports/ledger.ts'

/**
 * CPU of the hot path inside the process, without journal and store: decode, validate, reconcile and judge of single-value messages over
 * 1,000 series, against a ledger that keeps nothing. Prints microseconds a reading by stage. Not a claim: see ingest-throughput for that.
 */
const parameters = ['water_level', 'rainfall', 'water_temperature', 'ph', 'dissolved_oxygen', 'conductivity', 'turbidity', 'pm2_5']
const [seriesCount, batchSize, rounds] = [1000, 5000, 120]
const perDevice = parameters.length
const names = Array.from({ length: seriesCount / perDevice }, (_, i) => `station-${i}`)
const stations = names.map((name) =>
  stationOf(
    name,
    parameters.map((parameter) => sensorOf(name, parameter)),
  ),
)
const fleet = createFleet([
  networkOf(
    'n',
    stations,
    names.map((name) => deviceOf(`rtu-${name}`, [name])),
  ),
])

/** A string as it comes from a file: one piece, its hash not known. */
const flat = (text: string): string => Buffer.from(text).toString()
const start = Date.UTC(2026, 10, 1)
let number = 0
function deliveries(count: number): JournalledDelivery[] {
  return Array.from({ length: count }, () => {
    number += 1
    const series = number % seriesCount
    const round = Math.floor(number / seriesCount)
    const name = names[Math.floor(series / perDevice)] ?? ''
    const at = start + round * 300_000
    const value = (3 + Math.sin(number / 500) + (number % 7) / 1000).toFixed(3)
    const text = `{"seq":${round},"at":"${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00","values":{"${parameters[series % perDevice]}":${value}},"battery":12.6,"signal":-71}`
    return {
      device: deviceId(flat(`rtu-${name}`)),
      source: 'mqtt',
      topic: flat(`devices/rtu-${name}/readings`),
      payload: Buffer.from(text),
      receivedAt: at + 500,
      number,
    }
  })
}

/** CPU of the process so far, so that other work on the machine counts less. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

let cursor = 0
let [rows, commits] = [0, 0]
const pipeline = await createIngest({
  journal: {
    read: async () => null,
    release: () => undefined,
    onAppended: () => undefined,
    figures: () => ({ newest: 0, oldest: 0, bytes: 0, refused: 0, commits: 0, damaged: 0 }),
  },
  store: {
    telemetry: { latest: async () => new Map(), range: async () => [], existing: async () => [] } as never,
    ledger: {
      cursor: () => cursor,
      newest: () => commits,
      watermarks: async () => [],
      commit: async (commit: Commit) => {
        cursor = commit.cursor
        rows += commit.rows.length
        return ++commits
      },
    } as never,
  },
  fleet: () => fleet,
  timers: {
    wait: async () => undefined,
    breathe: () => new Promise((done) => setImmediate(done)),
    monotonic: cpuMs,
    random: () => 0.5,
  },
  settings: { batch: batchSize, gather: '0ms', retryFrom: '1s', retryTo: '10s' },
  onCommitted: () => undefined,
  onError: (error) => console.error(error.message),
})

const [warmUp, perStage] = [20, new Map<string, number>()]
let parsed = 0
for (let round = 0; round < rounds; round++) {
  const batch = deliveries(batchSize)
  const before: { total: number; stages: Record<string, number> } = { total: cpuMs(), stages: pipeline.figures().stageMs }
  await pipeline.carry({ deliveries: batch, cursor: batch.at(-1)?.number ?? 0, damaged: [] })
  const carriedAt = cpuMs()
  for (const { payload } of batch) parsed += Object.keys(JSON.parse(Buffer.from(payload).toString()) as object).length
  if (round < warmUp) continue
  perStage.set('JSON.parse', (perStage.get('JSON.parse') ?? 0) + cpuMs() - carriedAt)
  perStage.set('total', (perStage.get('total') ?? 0) + carriedAt - before.total)
  for (const [stage, ms] of Object.entries(pipeline.figures().stageMs))
    perStage.set(stage, (perStage.get(stage) ?? 0) + ms - (before.stages[stage] ?? 0))
}
const readings = (rounds - warmUp) * batchSize
console.log(
  `${readings} single-value messages over ${seriesCount} series (${parsed > 0 ? 'beside' : ''} a bare JSON.parse of each); ${rows} rows, ${pipeline.figures().judged} judged again`,
)
for (const [stage, ms] of perStage) console.log(`${stage.padEnd(10)} ${((ms * 1000) / readings).toFixed(3)} µs of CPU a reading`)
