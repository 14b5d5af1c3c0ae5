import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { start, hour } from '../../store/testing/rows.ts'
import type { SimulatorDesk } from '../parts.ts'
import type { LoadNote } from '../schemas/simulation-load.ts'
import type { ReplayNote } from '../schemas/simulation-replay.ts'
import type { LiveTruth, SimulationScore, StripPlaces, TruthStrip } from '../schemas/simulation-score.ts'
import type { SimulationDetail, SimulationNote, SimulationRequest } from '../schemas/simulation.ts'

const title = { en: 'Storm', zh: '暴雨' }
const skill = { hits: 1, misses: 1, falseAlarms: 1, pod: 0.5, far: 0.5, csi: 1 / 3 }

export const sampleScore: SimulationScore = {
  figures: { expected: 13_068, lost: 0, lead: -2.7, recall: null },
  failed: [],
  ...{ scenario: 'storm', seed: 1, run: 'storm-1', start: '2025-06-15T00:00:00.000Z', end: '2025-06-16T12:00:00.000Z', stations: 20 },
  byRule: [{ rule: 'level-high', family: 'value', events: 2, alarms: 2, ...skill, medianLeadMs: -160_000 }],
  readings: { expected: 13_068, lost: 0, wrong: 0, doubled: 0, leaked: 0 },
  warnings: {
    ...{ ...skill, events: 2, alarms: 2, levelReached: 1, meanLeadMs: -160_000, medianLeadMs: -160_000 },
    ...{ falsePerStationMonth: 0.5, medianEvidenceMs: 300_000, mostEvidenceMs: 600_000 },
    ...{ medianNotifyMs: 301_000, mostNotifyMs: 602_000, medianServerMs: 700, mostServerMs: 1_900 },
  },
  silences: { ...skill, events: 2, alarms: 2, undecided: 1, medianLeadMs: 0 },
  trends: { ...skill, events: 2, alarms: 2, undecided: 0, medianLeadMs: 4_800_000 },
  quality: {
    byFault: [{ type: 'spike', expects: 'suspect', faults: 2, faultsSeen: 1, readings: 4, readingsSeen: 3, recall: 0.75, harmless: 2 }],
    byTest: [{ test: 'spike', flagged: 4, right: 3, precision: 0.75 }],
    ...{ faulty: 4, faultySeen: 3, harmless: 2, flagged: 4, flaggedRight: 3, recall: 0.75, precision: 0.75 },
  },
  forecasts: { crossed: 0, within: 0, never: 0, coverage: null },
}

export const sampleStrip: TruthStrip = {
  events: [
    {
      ...{ rule: 'level-high', station: 'storm-1-river-001', type: 'flood', parameter: 'water_level', level: 'orange' },
      ...{ onset: start + 10 * hour, end: start + 20 * hour, cause: 'front', warning: 'w-1' },
    },
    {
      ...{ rule: 'rain-1h', station: 'storm-1-rain-002', type: 'heavy-rain', parameter: 'rainfall', level: 'yellow' },
      ...{ onset: start + 5 * hour, end: start + 7 * hour, cause: null, warning: null },
    },
  ],
  warnings: [
    {
      ...{ rule: 'level-high', station: 'storm-1-river-001', id: 'w-1', level: 'orange', verdict: 'hit' },
      ...{ raisedAt: start + 10.2 * hour, endedAt: start + 20.5 * hour },
    },
    {
      ...{ rule: 'level-high', station: 'storm-1-river-002', id: 'w-2', level: 'yellow', verdict: 'false' },
      ...{ raisedAt: start + 30 * hour, endedAt: null },
    },
  ],
  more: false,
}

export const samplePlaces: StripPlaces = {
  zone: 'Asia/Shanghai',
  names: { 'storm-1-river-001': { en: 'Mouth', zh: '河口' }, 'storm-1-rain-002': { en: 'Hills', zh: '山上' } },
}

/** Twelve hours into it: the flood goes on, and there is a warning of nothing that is true so far. */
export const sampleLive: LiveTruth = {
  at: start + 12 * hour,
  strip: {
    events: sampleStrip.events.map((event) => (event.type === 'flood' ? { ...event, end: null } : event)),
    warnings: sampleStrip.warnings.map((one) =>
      one.verdict === 'hit' ? { ...one, endedAt: null } : { ...one, verdict: 'open', raisedAt: start + 11.5 * hour },
    ),
    more: false,
  },
  faults: [{ type: 'spike', struck: 2, now: 1 }],
}

/** Twenty minutes later, with one warning more. */
export const laterLive: LiveTruth = {
  ...sampleLive,
  at: sampleLive.at + hour / 3,
  strip: {
    ...sampleLive.strip,
    warnings: [
      ...sampleLive.strip.warnings,
      {
        ...{ rule: 'rain-1h', station: 'storm-1-rain-002', id: 'w-3', level: 'yellow', verdict: 'open' },
        ...{ raisedAt: sampleLive.at, endedAt: null },
      },
    ],
  },
}

export const sampleLoad: LoadNote = {
  ...{ connected: 600, firstReadingMs: 1_900, unacknowledged: 0, lost: 0, doubled: 0 },
  latencyMs: { p50: 5.2, p99: 41, p999: 190.5 },
  serverBytes: { first: 350_000_000, most: 910_000_000, last: 900_000_000 },
  timeline: Array.from({ length: 20 }, (_, second) => ({
    ...{ second, offered: 10, acknowledged: 10, connected: 600, p50: 5, p99: 20 + second, p999: 100 },
  })),
}

export const sampleReplay: ReplayNote = {
  ...{ network: 'demo', from: start, to: start + 24 * hour, configured: true, given: 4_000, damaged: 0 },
  ...{ readingsDiffer: 1, warningsDiffer: 1 },
  readings: [
    {
      ...{ series: 'qingxi/water_level/1', at: start + 3 * hour },
      ...{ a: { value: 1.52, flag: 1, tests: '' }, b: { value: 1.52, flag: 3, tests: 'gross_range' } },
    },
  ],
  warnings: [
    {
      ...{ rule: 'level-high', station: 'qingxi', at: start + 5 * hour },
      a: { id: 'w-1', level: 'orange', state: 'cleared', raisedAt: start + 5 * hour, endedAt: start + 9 * hour },
      b: null,
    },
  ],
}

/** A simulation that is done. */
export const doneSimulation: SimulationNote = {
  ...{ run: 'storm-1', kind: 'scenario', scenario: 'storm', title, seed: 1, stations: 20, speed: 'max', start, end: start + 36 * hour },
  faults: { factor: 1, more: [], share: 0.2 },
  ...{ state: 'done', phase: null, problem: null, by: 'li.wei', startedAt: start, endedAt: start + 60_000 },
  progress: { at: start + 36 * hour, messages: 5_000, values: 13_068, acknowledged: 13_068, rejoined: 1 },
  account: { received: 13_068, stored: 13_000, versions: 0, duplicate: 68, quarantined: 0, warnings: 21, moreWarnings: false },
  truth: { events: 2, crossings: 4, faults: 2, readings: 13_068, bytes: 400_000 },
  figures: sampleScore.figures,
}

/** A desk that remembers what it was told; nothing is simulated. It begins with `storm-1`, done. */
export function sampleSimulator(empty = false): SimulatorDesk & { goOn(): void } {
  const all = new Map<string, SimulationDetail>()
  if (!empty)
    all.set('storm-1', {
      simulation: doneSimulation,
      score: sampleScore,
      strip: sampleStrip,
      live: null,
      places: samplePlaces,
      load: null,
      replay: null,
    })
  let running: SimulationNote | null = null
  let live = sampleLive
  return {
    state: () => ({
      scenarios: [{ id: 'storm', title, about: title, lastsMs: 36 * hour, stations: 60, speed: 'max', faults: ['spike'], leftOut: [] }],
      faults: [{ type: 'spike', at: 'value' }],
      sources: [{ network: 'demo', name: { en: 'Demo catchment', zh: '示范流域' }, run: null }],
      running,
      past: [...all.values()].map(({ simulation }) => simulation),
      keeps: 20,
    }),
    find: async (run) => (running?.run === run ? sampleDetail(running, live) : (all.get(run) ?? null)),
    async start(request, by) {
      if (running) return { kind: 'busy', problem: `The simulation ${running.run} runs.` }
      if (request.scenario === 'strom') return { kind: 'wrong', problem: 'There is no scenario "strom"; did you mean storm?' }
      return { started: (running = startedOf(request, by)) }
    },
    async load({ devices }, by) {
      if (running) return { kind: 'busy', problem: `The simulation ${running.run} runs.` }
      const words = { en: `${devices} devices`, zh: `${devices} 台设备` }
      return {
        started: (running = { ...startedOf({ scenario: 'load', seed: devices }, by), kind: 'load', title: words, stations: devices }),
      }
    },
    async replay({ network, configuration }, by) {
      if (running) return { kind: 'busy', problem: `The simulation ${running.run} runs.` }
      if (network !== 'demo') return { kind: 'wrong', problem: `There is no network "${network}"; these are demo.` }
      if (configuration === '') return { kind: 'wrong', problem: 'The configuration is wrong: stations: is missing.' }
      return { started: (running = { ...startedOf({ scenario: 'replay', seed: 0 }, by), kind: 'replay' }) }
    },
    async stop(run) {
      if (running?.run !== run) return null
      const simulation: SimulationNote = { ...running, state: 'stopped', phase: null, endedAt: start }
      all.set(run, sampleDetail(simulation, sampleLive))
      running = null
      return simulation
    },
    async remove(run) {
      if (running?.run === run) return 'running'
      return all.delete(run) ? 'removed' : 'unknown'
    },
    goOn: () => void (live = laterLive),
    truth: async (run) => (all.get(run)?.simulation.truth ? Readable.from([gzipSync('{"kind":"header"}\n')]) : null),
  }
}

const sampleDetail = (simulation: SimulationNote, live: LiveTruth): SimulationDetail => ({
  ...{ simulation, score: null, strip: null, places: samplePlaces },
  live: simulation.kind === 'scenario' ? live : null,
  load: simulation.kind === 'load' ? sampleLoad : null,
  replay: simulation.kind === 'replay' && simulation.state !== 'running' ? sampleReplay : null,
})

const startedOf = (request: SimulationRequest, by: string): SimulationNote => ({
  ...doneSimulation,
  ...{ run: `${request.scenario}-${request.seed}-2`, scenario: request.scenario, seed: request.seed, by },
  ...{ speed: request.speed ?? 'max', faults: request.faults ?? doneSimulation.faults, stations: request.stations ?? 20 },
  ...{ state: 'running', phase: 'sending', endedAt: null, account: null, truth: null, figures: null },
})
