import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { endToEnd, pubackLatency } from './end-to-end.ts'
import { guardBench } from './guard.ts'
import { loadProcess } from '../app/load/process.ts'
import { ingestMicro } from './ingest-micro.ts'
import { parserBench } from './hj212.ts'
import { offered, sinkProcess } from './offered.ts'
import { runPeer, type PeerOrder } from './peer.ts'
import { sl651Parser } from './sl651.ts'
import { stationLoad } from './station-load.ts'
import { storeBench } from './store.ts'
import { digits, ratio, table, whole } from './table.ts'

const folders: string[] = []

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-bench-'))
  folders.push(folder)
  return folder
}

/**
 * `npm run bench [-- throughput [--readings N] | latency [connections rate] | offered [messages] | hj212 | stations [of each protocol] [seconds] | sl651 | store | guard | ingest]`: each benchmark beside its peer, in one
 * run; prints Markdown tables.
 * `load`, `peer` and `sink` are its own parts in processes of their own.
 */
export async function main(args: readonly string[]): Promise<void> {
  const [part = 'all', order = ''] = args
  if (part === 'load') return loadProcess()
  if (part === 'sink') return sinkProcess()
  if (part === 'peer') return runPeer(JSON.parse(order) as PeerOrder)
  const readings = Number(args[args.indexOf('--readings') + 1]) || 1_000_000
  try {
    say(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'processor'}`)
    if (part === 'all' || part === 'throughput') await throughput(readings)
    if (part === 'all' || part === 'latency') await latency(Number(args[1]) > 0 ? [[Number(args[1]), Number(args[2])]] : usualRates)
    if (part === 'all' || part === 'offered') await offered(Number(args[1]) || 3_000_000, say)
    if (part === 'all' || part === 'guard') await guardBench(say)
    if (part === 'all' || part === 'hj212') parserBench(say)
    if (part === 'stations') await stationLoad(Number(args[1]) || 2_000, Number(args[2]) || 300, newFolder(), say)
    if (part === 'all' || part === 'sl651') sl651Parser(say)
    if (part === 'all' || part === 'store') await storeBench(newFolder, say)
    if (part === 'all' || part === 'ingest') say((await ingestMicro()).join('\n'))
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n\n`)

async function throughput(readings: number): Promise<void> {
  const rows: string[][] = []
  for (const connections of [100, 1000]) {
    const [ours, theirs] = await endToEnd(connections, readings, newFolder)
    for (const one of [ours, theirs])
      rows.push([
        one.name,
        whole(connections),
        whole(one.readings),
        whole(one.perSecond),
        whole(one.acknowledgedPerSecond),
        digits(one.cpuMicros),
      ])
    rows.push(['ratio', whole(connections), '', ratio(ours.perSecond, theirs.perSecond), '', ratio(ours.cpuMicros, theirs.cpuMicros)])
  }
  say(
    'End to end, QoS 1, one reading a message, until stored. Ours: acknowledged after fdatasync, quality and rules on. Load generator on the same cores.',
  )
  say(table(['pipeline', 'connections', 'readings', 'stored/s', 'acknowledged/s', 'CPU µs a reading'], rows))
}

const usualRates: readonly (readonly [connections: number, rate: number])[] = [
  [100, 500],
  [100, 1000],
  [1000, 10_000],
]

async function latency(rates: typeof usualRates): Promise<void> {
  const rows = []
  for (const [connections, rate] of rates) {
    const one = await pubackLatency(connections, rate, 20, newFolder())
    rows.push([whole(one.offeredPerSecond), whole(connections), digits(one.p50, 2), digits(one.p99, 2)])
  }
  say('PUBACK after fdatasync, ms, after 5 s of warm-up')
  say(table(['offered/s', 'connections', 'p50', 'p99'], rows))
}
