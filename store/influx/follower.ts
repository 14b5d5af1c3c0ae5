import { GaugekeeperError } from '../../domain/errors.ts'
import { StoreUnavailable } from '../errors.ts'

/** The clock's alarms, passed in by app/. */
export interface Timers {
  setTimeout(call: () => void, afterMs: number): unknown
  clearTimeout(timer: unknown): void
}

export interface FollowerLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface FollowerParts {
  /** Does what there is to do; true when there may be more. Rejects when the other end is away. */
  step: () => Promise<boolean>
  log: FollowerLog
  now: () => number
  random: () => number
  timers: Timers
  longestWaitMs: number
}

export interface FollowerFigures {
  /** `following`: caught up or catching up; `waiting`: the other end is away. */
  state: 'stopped' | 'following' | 'waiting'
  /** Since when it has been away, epoch ms; null when it answers. */
  awaySince: number | null
  /** Why it is away: code and message of the last try. */
  problem: { code: string; message: string } | null
  tries: number
}

/** Repeats a step: at once while there is more, on `wake` or after 5 s when there is none, ever more rarely while it fails. */
export interface Follower {
  start(): void
  wake(): void
  figures(): FollowerFigures
  /** Ends after the step that runs. */
  stop(): Promise<void>
}

const firstWaitMs = 1_000
const longestAskedMs = 300_000
// What is new is announced by wake; this is for what was not.
const idleMs = 5_000

export function createFollower({ step, log, now, random, timers, longestWaitMs }: FollowerParts): Follower {
  const figures: FollowerFigures = { state: 'stopped', awaySince: null, problem: null, tries: 0 }
  const pause = createPause(timers)
  let [stopping, failures] = [false, 0]
  let running: Promise<void> = Promise.resolve()

  function answered(): void {
    if (figures.awaySince !== null) log.info({ awayMs: now() - figures.awaySince, tries: failures }, 'InfluxDB answers again')
    failures = 0
    Object.assign(figures, { state: 'following', awaySince: null, problem: null })
  }

  /** Notes a failed try and tells how long to wait before the next one. */
  function failed(cause: unknown): number {
    const code = cause instanceof GaugekeeperError ? cause.code : 'internal'
    if (figures.problem?.code !== code) log.warn({ code, err: cause }, 'InfluxDB is not fed; its place in the feed stays')
    failures += 1
    const message = cause instanceof Error ? cause.message : String(cause)
    Object.assign(figures, { state: 'waiting', awaySince: figures.awaySince ?? now(), problem: { code, message } })
    const asked = cause instanceof StoreUnavailable ? (cause.retryAfterMs ?? 0) : 0
    return Math.max(waitMs(failures, random(), longestWaitMs), Math.min(asked, longestAskedMs))
  }

  async function follow(): Promise<void> {
    while (!stopping) {
      figures.tries += 1
      const wait = await step().then((more) => (answered(), more ? 0 : idleMs), failed)
      // A wake ends the wait for news, never the wait for a server that is away.
      if (wait > 0 && !stopping) await pause.sleep(wait, figures.state === 'following')
    }
    figures.state = 'stopped'
  }

  return {
    start: () => {
      if (figures.state !== 'stopped') return
      stopping = false
      figures.state = 'following'
      running = follow()
    },
    wake: pause.wake,
    figures: () => ({ ...figures }),
    stop: async () => {
      stopping = true
      pause.end()
      await running
    },
  }
}

/** Pause before the next try: 1 s doubled with each failure up to the longest, of which half to all by chance; never under half a second. */
export function waitMs(failures: number, random: number, longestMs: number): number {
  const whole = Math.min(longestMs, firstWaitMs * 2 ** Math.min(failures - 1, 30))
  return Math.max(firstWaitMs / 2, whole * (0.5 + random / 2))
}

interface Pause {
  sleep(ms: number, wakeable: boolean): Promise<void>
  wake(): void
  end(): void
}

/** One sleeper that can be woken; a wake while nobody sleeps makes the next sleep short. */
function createPause(timers: Timers): Pause {
  let sleeping: { end: () => void; wakeable: boolean } | null = null
  let woken = false
  const sleep: Pause['sleep'] = (ms, wakeable) =>
    new Promise((resolve) => {
      const end = (): void => {
        timers.clearTimeout(timer)
        sleeping = null
        woken = false
        resolve()
      }
      const timer = timers.setTimeout(end, wakeable && woken ? 0 : ms)
      sleeping = { end, wakeable }
    })
  return {
    sleep,
    end: () => sleeping?.end(),
    wake: () => {
      woken = true
      if (sleeping?.wakeable) sleeping.end()
    },
  }
}
