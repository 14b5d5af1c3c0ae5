import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { SimulationDetail, SimulationNote, SimulatorState } from '../api/schemas/simulation.ts'
import { gaugekeeper } from '../testing/command.ts'
import { serve, until, type ServedSystem } from '../testing/server.ts'

const start = (system: ServedSystem, order: object): Promise<SimulationNote> =>
  system.send<SimulationNote>('POST', '/api/v1/simulator', { scenario: 'flood', seed: 3, stations: 21, ...order })
const state = (system: ServedSystem): Promise<SimulatorState> => system.get('/api/v1/simulator')
const detail = (system: ServedSystem, run: string): Promise<SimulationDetail> => system.get(`/api/v1/simulator/${run}`)

/** Processes that a process has started and that are there. Linux only. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const sends = (system: ServedSystem): Promise<void> =>
  until(async () => ((await state(system)).running?.progress.values ?? 0) > 0, 30_000, 'the first readings')

/** A score without the figures that hold what a server took on the day: they are as the machine is. */
function untimed(score: unknown): unknown {
  const timed = new Set(['notify', 'notify-90', 'server', 'medianNotifyMs', 'mostNotifyMs', 'medianServerMs', 'mostServerMs'])
  return JSON.parse(JSON.stringify(score), (name, value: unknown) => (timed.has(name) ? typeof value : value))
}

test('a scenario that was started over HTTP is scored as the command line scores it, and one of the same basin runs beside it', async () => {
  const system = await serve()
  const begun = await start(system, { hours: 4, speed: 'max', faults: { factor: 1, more: ['spike', 'duplicate'], share: 0.5 } })
  expect(begun).toMatchObject({ run: 'flood-3', state: 'running', by: 'command line' })
  await expect(start(system, {})).rejects.toThrow(/409 .*flood-3 runs/)
  await until(async () => (await state(system)).running === null, 60_000, 'the end of the simulation')
  const { simulation, score, strip } = await detail(system, 'flood-3')
  expect(simulation).toMatchObject({ state: 'done', problem: null, figures: { lost: 0, wrong: 0, doubled: 0 } })
  expect(simulation.account?.received).toBe(simulation.progress.values)
  expect(score?.quality.byFault.map(({ type }) => type)).toEqual(expect.arrayContaining(['spike']))
  expect(simulation.account?.duplicate).toBeGreaterThan(0)
  expect(strip?.events).toHaveLength(score?.warnings.events ?? NaN)

  const { devices } = await system.get<{ devices: { run: string; protocol: string }[] }>('/api/v1/devices?simulated=true')
  expect(devices.filter(({ run }) => run === 'flood-3').map(({ protocol }) => protocol)).toEqual(expect.arrayContaining(['mqtt', 'sl651']))

  const { warnings } = await system.get<{ warnings: { kind: string }[] }>('/api/v1/warnings?run=flood-3&state=active&limit=1000')
  expect(warnings.filter(({ kind }) => kind === 'silence')).toEqual([])

  const file = path.join(system.data, 'truth', 'flood-3.jsonl.gz')
  const scored = await gaugekeeper('score', file, '--data', system.data, '--json')
  expect({ code: scored.code, stderr: scored.stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(scored.stdout)).toEqual(score)
  const truth = await fetch(`${system.url}/api/v1/simulator/flood-3/truth`, { headers: { authorization: `Bearer ${system.token}` } })
  expect(Buffer.from(await truth.arrayBuffer()).equals(readFileSync(file))).toBe(true)

  await start(system, { speed: 60 })
  await sends(system)
  const stopped = await system.send<SimulationNote>('POST', '/api/v1/simulator/flood-3-2/stop')
  expect([stopped.state, stopped.problem, stopped.figures]).toEqual(['stopped', null, null])
  expect(stopped.truth?.readings).toBeGreaterThan(0)
  expect(childrenOf(system.pid)).toEqual([])
  const { past } = await state(system)
  expect(past.map(({ run }) => run)).toEqual(['flood-3-2', 'flood-3'])
  await system.send('DELETE', '/api/v1/simulator/flood-3-2')
  const { runs } = await system.get<{ runs: { run: string }[] }>('/api/v1/runs')
  expect(runs.map(({ run }) => run)).toEqual(['flood-3'])
  expect((await fetch(`${system.url}/api/v1/simulator`)).status).toBe(401)
  expect(await system.stop()).toBe(0)
}, 180_000)

test('truth against warnings grows while a flood is played, and its end is what the command line says of the same seed', async () => {
  const system = await serve()
  const order = { scenario: 'flood', seed: 3, stations: 21, hours: 17, start: Date.UTC(2025, 5, 15) }
  await system.send<SimulationNote>('POST', '/api/v1/simulator', { ...order, speed: 1_000 })
  const live = async (): Promise<SimulationDetail['live']> => (await detail(system, 'flood-3')).live
  await until(async () => ((await live())?.strip.events.length ?? 0) > 0, 60_000, 'the first true event')
  const first = await live()
  const { simulation: early, score: none } = await detail(system, 'flood-3')
  expect([early.state, none]).toEqual(['running', null])
  await until(
    async () => {
      const now = await live()
      return (
        (now?.at ?? 0) > (first?.at ?? NaN) &&
        (now?.strip.warnings.length ?? 0) > 0 &&
        (now?.strip.events ?? []).some(({ warning }) => warning !== null)
      )
    },
    60_000,
    'a warning of a true event',
  )
  const seen = await live()
  for (const { onset, end } of seen?.strip.events ?? []) expect(Math.max(onset, end ?? 0)).toBeLessThanOrEqual((seen?.at ?? 0) + 1)
  await until(async () => (await state(system)).running === null, 120_000, 'the end of the simulation')
  const { simulation, score, live: over } = await detail(system, 'flood-3')
  expect([simulation.state, over]).toEqual(['done', null])

  const data = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  const { scenario, seed, stations, hours } = order
  const told = await gaugekeeper(
    ...['simulate', scenario, '--seed', String(seed), '--stations', String(stations), '--hours', String(hours)],
    ...['--start', '2025-06-15T00:00:00Z', '--data', data, '--score', '--json'],
  )
  expect({ code: told.code, score: untimed(JSON.parse(told.stdout)) }).toEqual({ code: 0, score: untimed(score) })
  rmSync(data, { recursive: true, force: true })
  expect(await system.stop()).toBe(0)
}, 240_000)

test('a simulation ends with its server, by SIGTERM and by SIGKILL, and is then called interrupted', async () => {
  const first = await serve()
  await start(first, { speed: 60 })
  await sends(first)
  const [child = NaN] = childrenOf(first.pid)
  expect(await first.stop()).toBe(0)
  expect(isThere(child)).toBe(false)

  const second = await serve({ data: first.data })
  expect((await state(second)).past.map(({ run, state }) => [run, state])).toEqual([['flood-3', 'interrupted']])
  await start(second, { speed: 60 })
  await sends(second)
  const [orphan = NaN] = childrenOf(second.pid)
  await second.kill()
  await until(() => !isThere(orphan), 30_000, 'the end of the process of the simulation')

  const third = await serve({ data: first.data })
  const { running, past } = await state(third)
  expect([running, past.map(({ run, state }) => [run, state])]).toEqual([
    null,
    [
      ['flood-3-2', 'interrupted'],
      ['flood-3', 'interrupted'],
    ],
  ])
  expect(await third.stop()).toBe(0)
}, 180_000)
