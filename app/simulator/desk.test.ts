import { EventEmitter } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { beforeEach, expect, test } from '@jest/globals'
import { sampleLive, samplePlaces, sampleScore, sampleStrip } from '../../api/testing/simulator.ts'
import { readScenario, type Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { runId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { until } from '../../testing/server.ts'
import type { ProcessTells, ProcessTold } from './channel.ts'
import { markInterrupted, Simulator, type SimulatorParts } from './desk.ts'
import { openRecords } from './records.ts'

const storm: Scenario = readScenario('{ id: storm, title: { en: S, zh: 暴 }, about: { en: S, zh: 暴 }, lasts: 6h, month: 6 }', 'storm')

/** A process that does what the test says. */
class FakeChild extends EventEmitter {
  connected = true
  told: ProcessTold[] = []
  killed: string[] = []
  send(told: ProcessTold): void {
    this.told.push(told)
  }
  kill(signal: string): void {
    this.killed.push(signal)
    this.emit('exit', null, signal)
  }
  tells(...all: readonly ProcessTells[]): void {
    for (const one of all) this.emit('message', one)
  }
}

let folder: string
let children: FakeChild[]
let removed: string[]
let clock: number
let troubles: string[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  ;[children, removed, troubles, clock] = [[], [], [], Date.UTC(2026, 5, 1)]
})

function desk(other: Partial<SimulatorParts> = {}): Simulator {
  return new Simulator({
    scenarios: () => [storm],
    records: openRecords(folder, (doing) => void troubles.push(doing)),
    server: () => ({ url: 'http://here', mqtt: 'mqtt://here', field: { sl651: 'here:1' }, cliToken: 'token' }),
    fork: () => {
      const child = new FakeChild()
      children.push(child)
      return child as unknown as ChildProcess
    },
    runs: { remove: async (run) => removed.push(run) > 0, removed: async () => removed.map(runId) },
    networks: () => [],
    ...{ graceMs: 0, now: () => (clock += 1_000), onTrouble: (doing: string) => void troubles.push(doing) },
    ...other,
  })
}

const order = { scenario: 'storm', seed: 1 }
const account = { received: 1, stored: 1, versions: 0, duplicate: 0, quarantined: 0, warnings: 0, moreWarnings: false }
const stoppedOutcome: ProcessTells = {
  outcome: { account, truth: null, figures: null, isDone: false, results: {} },
}

async function begun(simulator: Simulator): Promise<{ run: string; child: FakeChild }> {
  const answer = await simulator.start(order, 'li.wei')
  if (!('started' in answer)) throw new Error(answer.problem)
  const child = children.at(-1)
  if (!child) throw new Error('nothing was forked')
  return { run: answer.started.run, child }
}

/** Ends what runs as a simulation that somebody stopped. */
async function ended(simulator: Simulator): Promise<string> {
  const { run, child } = await begun(simulator)
  const stopped = simulator.stop(run)
  child.tells(stoppedOutcome)
  child.emit('exit', 0, null)
  await stopped
  return run
}

test('an order is filled in from the scenario, and progress is what its process tells', async () => {
  const simulator = desk()
  const { run, child } = await begun(simulator)
  expect(child.told).toEqual([
    {
      order: {
        run: 'storm-1',
        work: {
          kind: 'scenario',
          request: {
            ...{
              scenario: 'storm',
              run: 'storm-1',
              seed: 1,
              stations: 60,
              speed: 'max',
              startAt: Date.UTC(2025, 5, 15),
              lastsMs: 21_600_000,
            },
            faults: { factor: 1, more: [], share: 0.2 },
          },
        },
        server: { url: 'http://here', mqtt: 'mqtt://here', field: { sl651: 'here:1' }, cliToken: 'token' },
        ...{ truth: path.join(folder, 'storm-1.jsonl.gz'), graceMs: 0 },
      },
    },
  ])
  child.tells({ phase: 'sending' }, { progress: { at: 5, messages: 2, values: 7, acknowledged: 6, rejoined: 0 } })
  expect(simulator.state().running).toMatchObject({ run, phase: 'sending', progress: { values: 7 } })
  expect(simulator.state().past).toEqual([])
})

test('truth against warnings so far is told while it runs, and stays with what was stopped', async () => {
  const simulator = desk()
  const { run, child } = await begun(simulator)
  expect(await simulator.find(run)).toMatchObject({ live: null, places: null, strip: null })
  child.tells({ live: { truth: sampleLive, places: samplePlaces } })
  expect(await simulator.find(run)).toMatchObject({ live: sampleLive, places: samplePlaces })
  const stopped = simulator.stop(run)
  child.tells(stoppedOutcome)
  child.emit('exit', 0, null)
  await stopped
  expect(await simulator.find(run)).toMatchObject({ simulation: { state: 'stopped' }, live: sampleLive, places: samplePlaces, score: null })
})

test('one that came to its end has its score and its strip, and nothing of on the way', async () => {
  const simulator = desk()
  const { run, child } = await begun(simulator)
  child.tells({ live: { truth: sampleLive, places: samplePlaces } })
  child.tells({
    outcome: {
      ...{ account, truth: null, figures: sampleScore.figures, isDone: true },
      results: { score: sampleScore, strip: sampleStrip, places: samplePlaces },
    },
  })
  child.emit('exit', 0, null)
  await until(() => simulator.state().running === null)
  expect(await simulator.find(run)).toMatchObject({ simulation: { state: 'done' }, live: null, strip: sampleStrip, places: samplePlaces })
})

const demo = readNetwork({ network: { id: 'storm-1', timeZone: 'UTC' }, stations: [] }, { file: null, run: null })

test('a name that anything has gets a number', async () => {
  writeFileSync(path.join(folder, 'storm-1-2.jsonl.gz'), '')
  expect((await begun(desk({ networks: () => [demo] }))).run).toBe('storm-1-3')
})

test('a process that ends without a result has failed, and the next simulation may start', async () => {
  const simulator = desk()
  const { run, child } = await begun(simulator)
  child.tells({ account }, { failed: 'asking POST /api/v1/runs: 503' })
  child.emit('exit', 0, null)
  await until(() => simulator.state().running === null)
  const seen = async (one: string) => (await simulator.find(one))?.simulation
  expect(await seen(run)).toMatchObject({ state: 'failed', problem: 'asking POST /api/v1/runs: 503', phase: null, account })
  const again = await begun(simulator)
  again.child.emit('exit', 1, null)
  await until(() => simulator.state().running === null)
  expect(await seen(again.run)).toMatchObject({ run: 'storm-1-2', state: 'failed', problem: 'its process ended with 1' })
})

test('twenty are kept: the oldest goes with its data when another starts', async () => {
  const simulator = desk()
  const names: string[] = []
  for (let i = 0; i < 20; i += 1) names.push(await ended(simulator))
  expect([simulator.state().past.length, removed]).toEqual([20, []])
  const last = await ended(simulator)
  expect(removed).toEqual([names[0]])
  // the name of the oldest is not given again
  expect(last).toBe('storm-1-21')
  expect(simulator.state().past.map(({ run }) => run)).toEqual([last, ...names.slice(1).reverse()])
})

test('what ran when the server went is interrupted: at once when it is closed, at the next start when it was killed', async () => {
  const simulator = desk()
  const { run, child } = await begun(simulator)
  await simulator.close()
  expect(child.killed).toEqual(['SIGKILL'])
  expect((await simulator.find(run))?.simulation).toMatchObject({ state: 'interrupted', problem: null })
  const killed = await begun(simulator)
  const records = openRecords(folder, (doing) => void troubles.push(doing))
  expect(records.notes().map(({ state }) => state)).toEqual(['running', 'interrupted'])
  await markInterrupted(records, 7)
  expect((await records.read(killed.run))?.simulation).toMatchObject({ state: 'interrupted', endedAt: 7, phase: null })
})

test('a record that cannot be read is told and keeps nobody from starting', async () => {
  writeFileSync(path.join(folder, 'storm-9.json'), '{')
  expect((await begun(desk())).run).toBe('storm-1')
  expect(troubles).toEqual(['reading the record of a simulation, storm-9.json'])
})

test('scenarios and faults that there are not are refused with what is near', async () => {
  expect(await desk().start({ scenario: 'strom', seed: 1 }, 'x')).toMatchObject({
    kind: 'wrong',
    problem: expect.stringContaining('did you mean storm?'),
  })
  const faults = { factor: 1, more: ['spikes'], share: 0.1 }
  expect(await desk().start({ ...order, faults }, 'x')).toMatchObject({
    kind: 'wrong',
    problem: expect.stringContaining('did you mean spike?'),
  })
  expect(children).toEqual([])
})
