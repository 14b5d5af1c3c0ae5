import type { DeviceList } from '../../api/schemas/device.ts'
import type { WarningList, WarningNote } from '../../api/schemas/warning.ts'
import type { ApiClient } from './client.ts'

/** What became of the values of one run. received = stored + versions + duplicate + quarantined. */
export interface ValueAccount {
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  warnings: number
  /** There are more than were counted: the api lists 1,000 at most. */
  moreWarnings: boolean
}

const hourMs = 3_600_000

/** Moves the clock of the run past the hour of its last reading, so that the jobs of that hour are done too. */
export async function settleRun(client: ApiClient, run: string, lastAt: number, graceMs: number): Promise<void> {
  const at = (Math.floor(lastAt / hourMs) + 1) * hourMs + graceMs
  if (lastAt > 0) await client.send('POST', `/api/v1/runs/${run}/clock`, { at })
}

/**
 * Asks the server until it has carried everything that was sent and its rules have seen it, and adds up the devices of the run.
 * @param before `counted` when the run began: what devices of these names had sent in an earlier one
 */
export async function account(client: ApiClient, run: string, sent: number, before: ValueAccount = nothing): Promise<ValueAccount> {
  const sofar = async (): Promise<ValueAccount> => since(before, await counted(client, run))
  let quiet = 0
  let last = await sofar()
  // the pipeline is behind the acknowledgement by a moment; a store that is away may take longer, so wait as long as it moves
  while ((last.received < sent || (await isBehind(client))) && quiet < 600) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const next = await sofar()
    quiet = next.received === last.received && next.warnings === last.warnings ? quiet + 1 : 0
    last = next
  }
  return sofar()
}

const outcomes = ['received', 'stored', 'versions', 'duplicate', 'quarantined'] as const

export const nothing: ValueAccount = { received: 0, stored: 0, versions: 0, duplicate: 0, quarantined: 0, warnings: 0, moreWarnings: false }

/** What was added to an account; its warnings are all that stand under the name of the run. */
export function since(before: ValueAccount, now: ValueAccount): ValueAccount {
  const added = { ...now }
  for (const outcome of outcomes) added[outcome] -= before[outcome]
  return added
}

/** What became of the values of a run so far. */
export const counted = async (client: Pick<ApiClient, 'get'>, run: string): Promise<ValueAccount> => (await lookedAt(client, run)).account

/** The same, with the newest warnings that were counted: 1,000 at most. */
export async function lookedAt(
  client: Pick<ApiClient, 'get'>,
  run: string,
): Promise<{ account: ValueAccount; warnings: readonly WarningNote[] }> {
  const { totals } = await client.get<Pick<DeviceList, 'totals'>>(`/api/v1/devices?run=${encodeURIComponent(run)}&limit=1`)
  const { warnings, more } = await client.get<Pick<WarningList, 'warnings' | 'more'>>(
    `/api/v1/warnings?run=${encodeURIComponent(run)}&limit=1000`,
  )
  const total = { ...nothing, warnings: warnings.length, moreWarnings: more }
  for (const outcome of outcomes) total[outcome] = totals[outcome]
  return { account: total, warnings }
}

const behindFigures = ['ingest_backlog', 'ingest_deferred', 'analytics_behind']

/** Whether deliveries wait for either lane of the pipeline, or commits for the rules: three figures of /metrics. */
async function isBehind(client: ApiClient): Promise<boolean> {
  let text = ''
  for await (const chunk of await client.stream('/metrics')) text += Buffer.from(chunk).toString()
  return behindFigures.some((name) => !text.includes(`\ngaugekeeper_${name} 0\n`))
}
