import type { LatencyNote, LoadReport } from '../../devices-sim/load/report.ts'
import type { ValueAccount } from '../commands/account.ts'
import type { ServerWatch } from './watched-server.ts'

/** What a load came to; the account and the watch are there when the server is ours. */
export interface LoadOutcome {
  target: string
  report: LoadReport
  account: ValueAccount | null
  server: ServerWatch | null
}

/**
 * `lost`: readings that were acknowledged and are not stored: nothing of a load belongs into quarantine, and a repeat is none of its
 * own. Of a server that is not ours only the acknowledgement is known: what has none is lost. `doubled`: rows and versions beyond the
 * readings offered, each of which has a time of its own.
 */
export function lossOf({ report, account }: LoadOutcome): { lost: number; doubled: number } {
  if (account === null) return { lost: report.unacknowledged, doubled: 0 }
  const rows = account.stored + account.versions
  return { lost: Math.max(0, report.acknowledged - rows), doubled: Math.max(0, rows - report.offered) }
}

/** Something was offered, and all of it was acknowledged and stands in the store once. */
export function isWhole(outcome: LoadOutcome): boolean {
  const { lost, doubled } = lossOf(outcome)
  return lost === 0 && doubled === 0 && outcome.report.unacknowledged === 0 && outcome.report.offered > 0
}

/** What a person reads. */
export function linesOfLoad(outcome: LoadOutcome): string[] {
  const { target, report, account, server } = outcome
  return [
    `${target}: ${report.devices} devices, ${report.processes} processes, ${report.seconds.toFixed(1)} s\n`,
    `offered ${report.offered}, acknowledged ${report.acknowledged} (${rate(report.acknowledgedPerSecond)}/s), unacknowledged ${report.unacknowledged}\n`,
    `PUBACK from when a reading was due: ${latency(report.latencyMs)}; the generator was behind its clock by ${ms(report.behindMs)} at most\n`,
    ...phaseLines(report),
    ...(report.resent + report.broken + report.strange > 0
      ? [`sent again ${report.resent}, connections broken ${report.broken}, strange answers ${report.strange}\n`]
      : []),
    ...(account ? accountLines(account, outcome) : []),
    ...(server ? [serverLine(server)] : []),
  ]
}

const phaseLines = ({ phases }: LoadReport): string[] =>
  phases.map((phase) => `  ${rate(phase.perSecond)}/s offered: ${rate(phase.acknowledgedPerSecond)}/s acknowledged, ${latency(phase)}\n`)

function accountLines(account: ValueAccount, outcome: LoadOutcome): string[] {
  const { lost, doubled } = lossOf(outcome)
  return [
    `received ${account.received} = stored ${account.stored} + new versions ${account.versions} + duplicate ${account.duplicate} + quarantined ${account.quarantined}\n`,
    `lost ${lost}, doubled ${doubled}\n`,
  ]
}

function serverLine({ residentBytes, residentBytesPerHour, connections, clients, restarted }: ServerWatch): string {
  const slope = residentBytesPerHour === null ? '' : `, ${mega(residentBytesPerHour)} an hour`
  const again = restarted ? '; the server was started anew meanwhile' : ''
  return `server: RSS ${mega(residentBytes.first)} to ${mega(residentBytes.last)} (${mega(residentBytes.most)} at most${slope}), ${connections.most} connections and ${clients.most} clients at most, ${connections.after} and ${clients.after} after it${again}\n`
}

const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 1)} ms`)
const latency = ({ p50, p99, p999 }: LatencyNote): string => `p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}`
const rate = (value: number): string => (value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en-GB'))
const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
