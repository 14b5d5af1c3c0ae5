import type { RunId } from '../../domain/ids.ts'
import type { Ledger } from '../ports/ledger.ts'
import type { WarningStore } from '../ports/warnings.ts'
import type { RefusedRow } from './append.ts'
import type { InfluxConnection } from './connection.ts'
import { createInfluxFeed, type FeedFigures, type InfluxFeed } from './feed.ts'
import { createFollower, type Follower, type FollowerFigures, type FollowerParts, type Timers } from './follower.ts'
import { createInfluxTelemetry, type InfluxTelemetry } from './telemetry.ts'
import type { SystemFigures } from './system-points.ts'
import type { RefusedLine } from './writer.ts'

export interface FeedingParts extends Omit<FollowerParts, 'step' | 'longestWaitMs'> {
  connection: InfluxConnection
  /** Warnings kept so far: the latest 1,000 are written again at the start, in case the last process died before it wrote them. */
  warnings?: Pick<WarningStore, 'warnings' | 'warningVersions'>
  /** Asked every `systemEveryMs` (default a minute); null = nothing to say yet. */
  system?: () => SystemFigures | null | Promise<SystemFigures | null>
  /** Name of this process in the figures of the system. */
  node?: string
  longestWaitMs?: number
  systemEveryMs?: number
}

export interface InfluxSinkParts extends FeedingParts {
  ledger: Pick<Ledger, 'committedSince' | 'readerCursor' | 'moveReader' | 'newest'>
  /** Its own place among the ledger's readers. */
  reader?: string
  /** About how many rows are written at once. */
  batchRows?: number
}

export interface SinkFigures extends FollowerFigures, FeedFigures {
  /** Commit up to which everything is written, and how many there are after it. */
  cursor: number
  behind: number
  rows: number
  /** Points that the server refused for good; the embedded store has them. */
  refused: number
}

export interface InfluxFeeding extends Pick<InfluxFeed, 'offerWarnings' | 'offerRollups'> {
  /**
   * Takes a run, or everything older than `at`, out of InfluxDB too, once what was committed until now is written. Asked again by the
   * process after a restart, it does no harm.
   */
  dropRun(run: RunId): void
  dropBefore(at: number): void
  start(): void
  /** There may be something new. */
  wake(): void
  figures(): SinkFigures
  /** Ends after what is being written. */
  stop(): Promise<void>
}

/**
 * InfluxDB beside the embedded store: fed with what was committed, in commit order, each commit at least once and to the same points, so
 * that nothing is lost and nothing doubled. It decodes and judges nothing and holds back no journal: when the server is away its place
 * stays where it is and the tries get rarer. Warnings, roll-ups and the figures of the system go with it.
 */
export function createInfluxSink(parts: InfluxSinkParts): InfluxFeeding {
  const { connection, ledger, reader = 'influx', batchRows = 5_000 } = parts
  const place = { cursor: 0, rows: 0, known: false }
  const telemetry = createInfluxTelemetry(connection, { committed: () => ({ first: Number.MIN_SAFE_INTEGER, last: place.cursor }) })

  async function takePlace(): Promise<void> {
    place.cursor = await ledger.readerCursor(reader)
    // Known to the ledger from the first moment, so that it keeps commits for us.
    if (place.cursor === 0) await ledger.moveReader(reader, 0)
    place.known = true
  }

  return createFeeding(parts, telemetry, {
    figures: () => ({ cursor: place.cursor, rows: place.rows, behind: Math.max(0, ledger.newest() - place.cursor) }),
    next: async (report) => {
      if (!place.known) await takePlace()
      const commits = await ledger.committedSince(place.cursor, batchRows)
      const last = commits.at(-1)?.commit
      if (last === undefined) return false
      const rows = commits.flatMap((commit) => commit.rows)
      report(await telemetry.append(rows, last))
      await ledger.moveReader(reader, last)
      place.cursor = last
      place.rows += rows.length
      return true
    },
  })
}

/** Warnings and the figures of the system for Grafana where InfluxDB is the only store and gets its observations and roll-ups as such. */
export function createInfluxSideFeed(parts: FeedingParts): InfluxFeeding {
  const telemetry = createInfluxTelemetry(parts.connection)
  return createFeeding(parts, telemetry, { figures: () => ({ cursor: 0, rows: 0, behind: 0 }), next: async () => false })
}

interface Rows {
  /** Writes the next rows; true when there may be more. */
  next(report: Report): Promise<boolean>
  figures(): Pick<SinkFigures, 'cursor' | 'rows' | 'behind'>
}

type Report = (refused: readonly (RefusedRow | RefusedLine)[]) => void

function createFeeding(parts: FeedingParts, telemetry: InfluxTelemetry, rows: Rows): InfluxFeeding {
  const feed = createInfluxFeed({ writer: parts.connection.writer, ...(parts.node === undefined ? {} : { node: parts.node }) })
  const drops = createDrops(telemetry)
  let refused = 0
  const report: Report = (points) => {
    const [first] = points
    if (!first) return
    refused += points.length
    parts.log.warn({ points: points.length, line: first.line, reason: first.reason }, 'InfluxDB refused points for good')
  }
  const prepare = createPreparation(parts, feed)
  const follower = createFollower({
    ...parts,
    longestWaitMs: parts.longestWaitMs ?? 15_000,
    step: () => prepare(async () => await writeNext(rows, feed, drops, report)),
  })
  const system = createTicks(parts, feed, follower)
  return {
    offerWarnings: (versions) => {
      feed.offerWarnings(versions)
      follower.wake()
    },
    offerRollups: (rollups) => {
      feed.offerRollups(rollups)
      follower.wake()
    },
    dropRun: (run) => {
      drops.run(run)
      follower.wake()
    },
    dropBefore: (at) => {
      drops.before(at)
      follower.wake()
    },
    wake: follower.wake,
    figures: () => ({ ...follower.figures(), ...feed.figures(), ...rows.figures(), refused }),
    start: () => {
      follower.start()
      system.start()
    },
    stop: async () => {
      system.stop()
      await follower.stop()
    },
  }
}

async function writeNext(rows: Rows, feed: InfluxFeed, drops: Drops, report: Report): Promise<boolean> {
  const more = await rows.next(report)
  report(await feed.flush())
  if (!more) await drops.make()
  return more
}

interface Drops {
  run(run: RunId): void
  before(at: number): void
  /** Rejects with StoreUnavailable; what was not dropped is asked again. */
  make(): Promise<void>
}

function createDrops(telemetry: InfluxTelemetry): Drops {
  const runs = new Set<RunId>()
  let before = -Infinity
  return {
    run: (run) => void runs.add(run),
    before: (at) => void (before = Math.max(before, at)),
    make: async () => {
      for (const run of runs) {
        await telemetry.dropRun(run)
        runs.delete(run)
      }
      const at = before
      if (at > -Infinity) await telemetry.dropBefore(at)
      if (at === before) before = -Infinity
    },
  }
}

/** Makes database or bucket before the first write and after every failure: somebody may have dropped it. */
function createPreparation({ connection, warnings }: FeedingParts, feed: InfluxFeed): (step: () => Promise<boolean>) => Promise<boolean> {
  let [prepared, offered] = [false, false]
  return async (step) => {
    if (!prepared) await connection.prepare()
    prepared = false
    if (!offered && warnings) await offerKept(warnings, feed)
    offered = true
    const more = await step()
    prepared = true
    return more
  }
}

async function offerKept(warnings: Pick<WarningStore, 'warnings' | 'warningVersions'>, feed: InfluxFeed): Promise<void> {
  for (const { id } of await warnings.warnings({ limit: 1_000 })) feed.offerWarnings(await warnings.warningVersions(id))
}

function createTicks(parts: FeedingParts, feed: InfluxFeed, follower: Follower): { start(): void; stop(): void } {
  const { timers, system, now, log, systemEveryMs = 60_000 } = parts
  let timer: unknown = null
  const tick = async (): Promise<void> => {
    const figures = await system?.()
    if (!figures) return
    feed.offerSystem(figures, now())
    follower.wake()
  }
  const arm = (alarms: Timers): void => {
    timer = alarms.setTimeout(() => {
      arm(alarms)
      tick().catch((err: unknown) => log.warn({ err }, 'the figures of the system could not be taken'))
    }, systemEveryMs)
  }
  return {
    start: () => {
      if (system && timer === null) arm(timers)
    },
    stop: () => {
      if (timer !== null) timers.clearTimeout(timer)
      timer = null
    },
  }
}
