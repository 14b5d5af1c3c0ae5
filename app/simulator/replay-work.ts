import { setTimeout as wait } from 'node:timers/promises'
import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { ReplayNote } from '../../api/schemas/simulation-replay.ts'
import { prefixOf } from '../capture/served-capture.ts'
import { replayCapture, type CaptureReplay } from '../capture/replay-capture.ts'
import type { ApiClient } from '../commands/client.ts'
import { storeDifferences, type ComparedWarning, type StoreDifference } from '../diff/diff.ts'
import type { Outcome, Work } from './channel.ts'
import type { WorkParts } from './work.ts'

type ReplayWork = Extract<Work, { kind: 'replay' }>['request']

/** What came in within so long behind the end belongs to the readings before it. */
const behindMs = 600_000
const hourMs = 3_600_000
/** Nothing is kept from before. */
const longAgo = Date.UTC(2000, 0, 1)
/** Of readings and of warnings. */
const toldAtMost = 200

/**
 * Gives what was received once to a run of its own on the same server, as it was received, and says what the run does not have as it was;
 * under another configuration that is what the configuration changes. One that is stopped is not compared.
 */
export async function replayAgain(request: ReplayWork, parts: WorkParts): Promise<Outcome> {
  const { run, client, tell, stop } = parts
  tell({ phase: 'sending' })
  let progress: SimulationNote['progress'] = { at: null, messages: 0, values: 0, acknowledged: 0, rejoined: 0 }
  const done = await replayCapture(client, {
    ...{ source: await captureOf(client, request), run, of: request.network, network: request.configuration ?? null, isBeside: true },
    tell: () => undefined,
    ...{ speed: request.speed, now: () => performance.now(), stopped: () => stop.aborted },
    sleep: (ms) => wait(ms, undefined, { signal: stop }).catch(() => undefined),
    onProgress(messages, at) {
      progress = { ...progress, at, messages, values: messages, acknowledged: messages }
      tell({ progress })
    },
  })
  tell({ account: done.account })
  if (stop.aborted) return { account: done.account, truth: null, figures: null, isDone: false, results: {} }
  tell({ phase: 'scoring' })
  const replay = await compared(client, request, done)
  const figures = { readingsDiffer: replay.readingsDiffer, warningsDiffer: replay.warningsDiffer }
  return { account: done.account, truth: null, figures, isDone: true, results: { replay } }
}

function captureOf(client: Pick<ApiClient, 'stream'>, { network, from, to, lead }: ReplayWork): Promise<AsyncIterable<Uint8Array>> {
  const query = new URLSearchParams({
    network,
    ...(from !== undefined && { since: String(from - lead * hourMs) }),
    ...(to !== undefined && { until: String(to + behindMs) }),
  })
  return client.stream(`/cli/capture?${query.toString()}`)
}

async function compared(client: ApiClient, request: ReplayWork, { run, accepted, damaged }: CaptureReplay): Promise<ReplayNote> {
  const { network, from = null, to = null } = request
  const note: ReplayNote = {
    ...{ network, from, to, configured: request.configuration !== undefined, given: accepted, damaged },
    ...{ readingsDiffer: 0, warningsDiffer: 0, readings: [], warnings: [] },
  }
  const span = to === null ? null : { from: from ?? longAgo, to }
  for await (const one of storeDifferences({ client, network }, { client, network: run, prefix: prefixOf(run) }, span)) tell(one, note)
  return note
}

/** Counts a difference and keeps it among the first. */
function tell(one: StoreDifference, note: ReplayNote): void {
  if (one.kind === 'reading') {
    note.readingsDiffer += 1
    const known = one.a ?? one.b
    const shown = { series: known?.series ?? '', at: known?.observedAt ?? 0, a: valueOf(one.a), b: valueOf(one.b) }
    if (note.readings.length < toldAtMost) note.readings.push(shown)
  } else {
    note.warningsDiffer += 1
    const known = one.a ?? one.b
    const [rule = '', station = ''] = known?.id.split('~') ?? []
    const shown = { rule, station, at: known?.raisedAt ?? null, a: warningOf(one.a), b: warningOf(one.b) }
    if (note.warnings.length < toldAtMost) note.warnings.push(shown)
  }
}

const valueOf = (one: { value: number | null; flag: number; tests: string } | null): ReplayNote['readings'][number]['a'] =>
  one && { value: one.value, flag: one.flag, tests: one.tests }

const warningOf = (one: ComparedWarning | null): ReplayNote['warnings'][number]['a'] =>
  one && { id: one.id, level: one.level, state: one.state, raisedAt: one.raisedAt, endedAt: one.endedAt }
