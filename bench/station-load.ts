import { performance } from 'node:perf_hooks'
import type { FieldStation, FieldStationParts } from '../devices-sim/field-station.ts'
import { createHj212Station } from '../devices-sim/hj212-station.ts'
import { createSl651Station } from '../devices-sim/sl651-station.ts'
import { deviceId } from '../domain/ids.ts'
import type { Reading } from '../domain/reading.ts'
import { startOurs } from './ours.ts'
import { until } from './processes.ts'
import { digits, table, whole } from './table.ts'

/** The stations of one protocol: what each reports, and how long its standard lets an answer take. */
interface Wire {
  name: string
  protocol: 'hj212' | 'sl651'
  kind: string
  parameters: readonly string[]
  timeOutMs: number
  settings: (n: number) => object
  open: (n: number, password: string, parts: FieldStationParts) => FieldStation
}

const wires: readonly Wire[] = [
  {
    ...{ name: 'HJ 212', protocol: 'hj212', kind: 'outfall', timeOutMs: 10_000 }, // 2017 table 1
    parameters: ['cod', 'ammonia_nitrogen', 'ph', 'wastewater_flow'],
    settings: (n) => ({ hj212: { mn: `MN${n}` } }),
    open: (n, password, parts) => createHj212Station({ ...parts, mn: `MN${n}`, password, edition: '2017', st: '32' }),
  },
  {
    ...{ name: 'SL 651', protocol: 'sl651', kind: 'river', timeOutMs: 10_000 }, // what the simulated station waits before it sends again
    parameters: ['water_level', 'river_discharge', 'water_temperature'],
    settings: (n) => ({ sl651: { address: addressOf(n) } }),
    open: (n, password, parts) =>
      createSl651Station({
        ...{ ...parts, address: addressOf(n), password: parseInt(password, 16) },
        ...{ encoding: n % 2 === 0 ? 'hex' : 'ascii', stationClass: 0x48 },
      }),
  },
]

const addressOf = (n: number): string => `00${String(n).padStart(8, '0')}`
const everyMs = 30_000
/** A station of SL 651 tells the minute only: its own minutes go by at its pace of reports. */
const ownStepMs = 60_000

function networkOf(count: number): unknown {
  const all = wires.flatMap((wire) => Array.from({ length: count }, (_, n) => ({ wire, n, id: `${wire.protocol}-${n}` })))
  return {
    network: { id: 'bench', timeZone: 'Asia/Shanghai' },
    stations: all.map(({ id, wire }) => ({
      ...{ id, kind: wire.kind },
      sensors: wire.parameters.map((parameter) => ({ parameter, every: '1m' })),
    })),
    devices: all.map(({ id, wire, n }) => ({ id: `dev-${id}`, protocol: wire.protocol, stations: [id], ...wire.settings(n) })),
  }
}

/** A simulated station and how long its reports took to be answered, ms. */
interface Reporting {
  wire: Wire
  station: FieldStation
  waits: number[]
}

/** So many simulated stations of each protocol at once, each with a report every 30 s, for so many seconds. */
export async function stationLoad(count: number, seconds: number, folder: string, say: (text: string) => void): Promise<void> {
  const system = await startOurs(folder, networkOf(count))
  const passwords = new Map(system.devices.map(({ client, login }) => [client, login?.password ?? '']))
  const fleet = wires.flatMap((wire) => Array.from({ length: count }, (_, n) => reporting(wire, n, { system, passwords })))
  await Promise.all(fleet.map(({ station }) => station.connected))
  const [from, cpuFrom] = [Date.now(), system.cpu()]
  const reports = Math.max(1, Math.floor((seconds * 1000) / everyMs))
  for (let report = 0; report < reports; report++)
    await reportAll(fleet, { from: from + report * everyMs, ownAt: from + (report + 1 - reports) * ownStepMs })
  await Promise.all(fleet.map(({ station }) => station.settled()))
  const values = wires.reduce((sum, { parameters }) => sum + parameters.length, 0) * count * reports
  await until(async () => (await system.stored()) >= values, 60_000, 'storing the last reports')
  const cpu = system.cpu() - cpuFrom
  say(`${whole(count)} stations of each protocol at once, a report each 30 s, ${whole((Date.now() - from) / 1000)} s`)
  say(
    table(
      ['protocol', 'reports', 'answered', 'p50 ms', 'p99 ms', 'most ms', 'later than its time-out'],
      wires.map((wire) => rowOf(wire, fleet, count * reports)),
    ),
  )
  say(`values sent ${whole(values)}, stored ${whole(await system.stored())}; CPU of the server ${digits(cpu)} s`)
  for (const { station } of fleet) await station.stop()
  await system.stop()
}

interface Place {
  system: Awaited<ReturnType<typeof startOurs>>
  passwords: ReadonlyMap<string, string>
}

const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }

function reporting(wire: Wire, n: number, { system, passwords }: Place): Reporting {
  const [host = '', port = ''] = system.field[wire.protocol]?.split(':') ?? []
  const id = `dev-${wire.protocol}-${n}`
  const parts = { host, port: Number(port), device: deviceId(id), timers, now: () => Date.now() }
  return { wire, station: wire.open(n, passwords.get(id) ?? '', parts), waits: [] }
}

/** One report of each station, spread evenly over 30 s, the protocols by turns. */
async function reportAll(fleet: readonly Reporting[], { from, ownAt }: { from: number; ownAt: number }): Promise<void> {
  const half = fleet.length / 2
  for (let i = 0; i < fleet.length; i++) {
    const one = fleet[(i % 2) * half + Math.floor(i / 2)]
    const wait = from + Math.floor((i * everyMs) / fleet.length) - Date.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    if (one !== undefined) report(one, ownAt, i)
  }
}

function report({ wire, station, waits }: Reporting, at: number, i: number): void {
  const readings = wire.parameters.map((name): Reading => ({
    name,
    number: null,
    station: null,
    value: 1 + (i % 7),
    unit: null,
    sourceQuality: null,
  }))
  const begun = performance.now()
  station.send([{ at, seq: null, position: null, readings }])
  void station.settled().then(() => waits.push(performance.now() - begun))
}

function rowOf(wire: Wire, fleet: readonly Reporting[], sent: number): string[] {
  const waits = fleet.filter((one) => one.wire === wire).flatMap((one) => one.waits)
  waits.sort((a, b) => a - b)
  const at = (share: number): string => digits(waits[Math.floor(share * (waits.length - 1))] ?? NaN, 1)
  const late = waits.filter((ms) => ms > wire.timeOutMs).length
  return [wire.name, whole(sent), whole(waits.length), at(0.5), at(0.99), at(1), whole(late)]
}
