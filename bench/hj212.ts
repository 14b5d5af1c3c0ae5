import { performance } from 'node:perf_hooks'
import type { FieldStation } from '../devices-sim/field-station.ts'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import { deviceId } from '../domain/ids.ts'
import { decodeFrame } from '../gateways/hj212/codec.ts'
import { writeFrame, writeTime } from '../gateways/hj212/frame.ts'
import { judge } from '../gateways/hj212/judge.ts'
import { createScanner } from '../gateways/hj212/scanner.ts'
import { cpuRate } from './cpu-rate.ts'
import { startOurs } from './ours.ts'
import { until } from './processes.ts'
import { digits, table, whole } from './table.ts'

const clock = { zone: null, none: false }
const codes = ['w01001', 'w01009', 'w01010', 'w21003', 'w01018', 'w21011', 'w21001', 'w00000', 'w01014', 'w01019']

/** A stream of real-time frames with so many factors each. */
function streamOf(frames: number, factors: number): Buffer {
  const made = Array.from({ length: frames }, (_, n) => {
    const items = codes.slice(0, factors).map((code, i) => `${code}-Rtd=${((n * 7 + i) % 1000) / 10},${code}-Flag=N`)
    const time = writeTime(Date.UTC(2026, 7, 1) + n * 1000)
    return writeFrame({
      ...{ qn: `${time}223`, st: '32', cn: '2011', pw: '123456', mn: '010000A8900016F000169DC0', flag: 5 },
      area: [`DataTime=${time}`, ...items].join(';'),
    })
  })
  return Buffer.concat(made)
}

const chunkBytes = 16_384

/** Frames a second on one core: cut out of the stream and checked; and the same with all readings made. */
export function parserBench(say: (text: string) => void): void {
  const rows = [4, 10].map((factors) => {
    const stream = streamOf(20_000, factors)
    const bytes = stream.length / 20_000
    return [whole(factors), whole(bytes), whole(cpuRate(() => readAll(stream, false))), whole(cpuRate(() => readAll(stream, true)))]
  })
  say('HJ 212, frames a second of CPU time, chunks of 16 KiB: scanned with length and CRC checked, and decoded to readings as well')
  say(table(['factors', 'bytes a frame', 'checked/s', 'decoded/s'], rows))
}

function readAll(stream: Buffer, decodes: boolean): number {
  const scanner = createScanner()
  let frames = 0
  for (let at = 0; at < stream.length; at += chunkBytes)
    for (const raw of scanner.push(stream.subarray(at, at + chunkBytes))) {
      const judged = raw.fault === undefined ? judge(raw) : null
      if (judged === null || judged.fault !== undefined) throw new Error('a frame of the benchmark was not read')
      if (decodes) decodeFrame(judged.frame, clock)
      frames += 1
    }
  return frames
}

function worksNetwork(stations: number): unknown {
  const ids = Array.from({ length: stations }, (_, i) => `works-${String(i).padStart(4, '0')}`)
  const sensors = ['cod', 'ammonia_nitrogen', 'ph', 'wastewater_flow'].map((parameter) => ({ parameter, every: '30s' }))
  return {
    network: { id: 'bench', timeZone: 'Asia/Shanghai' },
    stations: ids.map((id) => ({ id, kind: 'outfall', sensors })),
    devices: ids.map((id) => ({ id: `dev-${id}`, protocol: 'hj212', stations: [id], hj212: { mn: `MN${id}` } })),
  }
}

const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }
const everyMs = 30_000

/** So many simulated stations at once, each with one report of four factors every 30 s, for so many seconds. */
export async function stationLoad(stations: number, seconds: number, folder: string, say: (text: string) => void): Promise<void> {
  const system = await startOurs(folder, worksNetwork(stations))
  const [host = '', port = ''] = system.field.hj212?.split(':') ?? []
  const fleet = system.devices.map(({ client, login, station }) =>
    createHj212Station({
      ...{
        host,
        port: Number(port),
        device: deviceId(client),
        mn: `MN${station}`,
        password: login?.password ?? '',
        edition: '2017',
        st: '32',
        timers,
      },
      now: () => Date.now(),
    }),
  )
  await Promise.all(fleet.map(({ connected }) => connected))
  const [from, cpuFrom, begun] = [Date.now(), system.cpu(), performance.now()]
  const reports = Math.max(1, Math.floor((seconds * 1000) / everyMs))
  for (let report = 0; report < reports; report++) await sendSpread(fleet, from + report * everyMs)
  await Promise.all(fleet.map((station) => station.settled()))
  const sent = stations * reports
  await until(async () => (await system.stored()) >= sent * 4, 60_000, 'storing the last reports')
  const acknowledged = fleet.reduce((sum, station) => sum + station.figures().acknowledged, 0)
  const stored = await system.stored()
  const elapsed = (performance.now() - begun) / 1000
  say(`HJ 212: ${whole(stations)} stations at once, a report of four factors each 30 s`)
  say(
    table(
      ['stations', 'seconds', 'reports', 'answered with 9014', 'values', 'stored', 'CPU of the server, s'],
      [[whole(stations), whole(elapsed), whole(sent), whole(acknowledged), whole(sent * 4), whole(stored), digits(system.cpu() - cpuFrom)]],
    ),
  )
  for (const station of fleet) await station.stop()
  await system.stop()
}

/** One report of each station, spread evenly over 30 s. */
async function sendSpread(fleet: readonly FieldStation[], from: number): Promise<void> {
  for (const [i, station] of fleet.entries()) {
    const at = from + Math.floor((i * everyMs) / fleet.length)
    const wait = at - Date.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const reading = (name: string, value: number) => ({ name, number: null, station: null, value, unit: null, sourceQuality: null })
    const readings = [
      reading('cod', 20 + (i % 9)),
      reading('ammonia_nitrogen', 1),
      reading('ph', 7),
      reading('wastewater_flow', 100 + (i % 50)),
    ]
    station.send([{ at, seq: null, position: null, readings }])
  }
}
