import type { RunId } from '../domain/ids.ts'
import type { ClockStep, StoredRow, Watermark } from '../store/ports/ledger.ts'

/** The clock by which one run, or (null) the real fleet, is judged. */
export interface RunClock {
  run: RunId | null
  /** Newest watermark, epoch ms; -Infinity before the first. */
  at: number
  /** Newest reading of this commit so far: the commit's own watermark may be hours further where a replay is fast. */
  progress: number
  /** Watermark after this commit: `progress` is not believed beyond it. */
  cap: number
  /** Ticks within this commit, by delivery. */
  steps: readonly ClockStep[]
  /** It has been ticked by deliveries: it tells when something came. The clock of a run without ticks follows the readings themselves. */
  isStepped: boolean
  /** Follows our own clock tick by tick, so that a stretch without ticks was our own absence. */
  isTicked: boolean
  /** Short steps in a row: so many that a long one is known to be an absence of ours. */
  steady: number
  /** When we began to listen again after such a stretch. */
  listeningSince: number
  /** Full hour up to which the hourly jobs are done; null before the first row or watermark. */
  hour: number | null
}

/** Ticks come every minute. After at least so many short steps a step of more than ten minutes means that we ourselves were away. */
const shortTickMs = 2 * 60_000
const longestTickMs = 10 * 60_000
const steadyTicks = 5

export const hourMs = 3_600_000
export const fullHour = (at: number): number => Math.floor(at / hourMs) * hourMs

export class Clocks {
  private readonly byRun = new Map<RunId | null, RunClock>()

  of(run: RunId | null): RunClock {
    let clock = this.byRun.get(run)
    if (clock === undefined) {
      clock = {
        run,
        at: -Infinity,
        progress: -Infinity,
        cap: Infinity,
        steps: [],
        isStepped: false,
        isTicked: run === null,
        steady: 0,
        listeningSince: -Infinity,
        hour: null,
      }
      this.byRun.set(run, clock)
    }
    return clock
  }

  all(): Iterable<RunClock> {
    return this.byRun.values()
  }

  /** Before a commit's rows: how far its clocks may go. */
  begin(watermarks: readonly Watermark[]): void {
    for (const clock of this.byRun.values()) {
      clock.cap = clock.at === -Infinity ? Infinity : clock.at
      clock.steps = []
    }
    for (const { run, at, steps = [] } of watermarks) {
      const clock = this.of(run)
      clock.cap = Math.max(at, clock.at)
      clock.steps = steps
      if (steps.length > 0) clock.isStepped = true
    }
  }

  /** After a commit's rows: moves its clocks. A run ticked to the very moment of the real fleet's tick lives at our time. */
  end(watermarks: readonly Watermark[]): void {
    const wall = watermarks.find((each) => each.run === null)?.at
    for (const { run, at } of watermarks) {
      const clock = this.of(run)
      if (run !== null && at === wall) clock.isTicked = true
      const stepMs = at - clock.at
      if (clock.isTicked && clock.steady >= steadyTicks && stepMs > longestTickMs) clock.listeningSince = at
      clock.steady = stepMs <= shortTickMs ? clock.steady + 1 : 0
      clock.at = Math.max(clock.at, at)
      clock.hour ??= fullHour(at)
    }
  }
}

/** When a row of the commit in hand was received, by the clock of its run: whatever the size of the commit. Null = nobody knows. */
export function receivedBy({ run, at, steps, isStepped }: RunClock, { receivedAt, observedAt, delivery }: StoredRow): number | null {
  if (run === null) return receivedAt
  if (!isStepped) return null
  return Math.max(tickBefore(steps, delivery)?.[1] ?? at, at, observedAt)
}

/** The last tick of the commit in hand before a delivery. */
export const tickBefore = (steps: readonly ClockStep[], delivery: number): ClockStep | undefined =>
  steps.findLast(([from]) => from < delivery)

/** What the clock shows at a row of the commit, whatever the size of the commit. */
export function nowOf(clock: RunClock): number {
  return Math.min(Math.max(clock.at, clock.progress), clock.cap)
}
