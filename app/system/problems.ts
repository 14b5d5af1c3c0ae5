import { statfs } from 'node:fs/promises'
import type { HealthCheck, Problem } from '../../api/parts.ts'
import { GaugekeeperError } from '../../domain/errors.ts'
import type { JournalFigures } from '../../ingest/ports.ts'
import type { SeriesBound } from '../../ingest/series-bound.ts'
import type { DispatchFigures } from '../../notify/dispatch.ts'
import type { DeviceCount } from '../../store/ports/ledger.ts'
import { sumProblems } from './sums.ts'

/** What is looked at for problems; each is asked when somebody asks. */
export interface Examined {
  health: () => Promise<HealthCheck[]>
  /** What the store said when it met damage of its file; null while it has met none. */
  storeDamage: () => string | null
  journal: { figures(): JournalFigures; maxBytes: number; minFreeBytes: number }
  /** The data folder. */
  data: string
  passwordSet: () => Promise<boolean>
  /** Commits that the rules have not seen. */
  rulesBehind: () => number
  /** InfluxDB beside the embedded store: commits that are not there, and why the last try failed; null = it is not used so. */
  influx: () => { behind: number; problem: { code: string; message: string } | null } | null
  /** Series beyond `ingest.maxSeries`. */
  series: () => SeriesBound & { most: number }
  /** Values of the open entries of the quarantine. */
  quarantined: () => Promise<number>
  /** Totals by device. */
  counts: () => Promise<readonly DeviceCount[]>
  notifications: () => DispatchFigures
  /** Of certificates that are over, or soon. */
  certificates: () => Problem[]
  /** Of the clock that we go by. */
  clock: () => Promise<Problem[]>
}

/** Commits behind which somebody should look. */
const manyCommits = 10_000

/** Everything that somebody should mend, worst first: what stops the work, then what will. Empty when all is well. */
export function createProblems(examined: Examined): () => Promise<Problem[]> {
  return async () => {
    const stops = (await examined.health()).filter(({ ok }) => !ok)
    return [
      ...stops.flatMap((check) => stopOf(check, examined.storeDamage())),
      ...damageProblems(examined.storeDamage()),
      ...(await whileStoreAnswers(async () => sumProblems(await examined.counts()))),
      ...(await whileStoreAnswers(examined.clock)),
      ...(await diskProblems(examined)),
      ...journalProblems(examined),
      ...behindProblems(examined.rulesBehind()),
      ...influxProblems(examined.influx()),
      ...seriesProblems(examined.series()),
      ...examined.certificates(),
      ...(await whileStoreAnswers(() => otherProblems(examined))),
      ...(await whileStoreAnswers(async () => quarantineProblems(await examined.quarantined()))),
    ]
  }
}

/** A check that is not ok; that the store is damaged has an entry of its own. */
function stopOf({ name, detail }: HealthCheck, damage: string | null): Problem[] {
  if (name === 'store' && detail === damage) return []
  return [{ name, severity: 'failure', what: detail, todo: 'see docs/operations.md, readiness' }]
}

function damageProblems(damage: string | null): Problem[] {
  if (damage === null) return []
  const todo =
    'stop, move gauge.duckdb away (keep it), put the one of the last backup in its place and start: what the journal holds since then is stored again; docs/operations.md, a damaged store'
  return [{ name: 'store-damaged', severity: 'failure', what: damage, todo }]
}

/** What only the store can tell is left out while it says itself that it cannot: that it is so stands above. */
async function whileStoreAnswers(look: () => Promise<Problem[]>): Promise<Problem[]> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof GaugekeeperError && error.code.startsWith('store-')) return []
    throw error
  }
}

const attention = (name: string, what: string, todo: string): Problem => ({ name, severity: 'attention', what, todo })

async function diskProblems({ data, journal }: Examined): Promise<Problem[]> {
  const { bavail, bsize } = await statfs(data)
  const free = bavail * bsize
  if (free > 2 * journal.minFreeBytes) return []
  const what = `the disk of the data folder has ${free} bytes free; below ${journal.minFreeBytes} nobody is acknowledged`
  return [attention('disk', what, 'free some space, or shorten journal.keep')]
}

function journalProblems({ journal }: Examined): Problem[] {
  const { bytes, damaged } = journal.figures()
  const found: Problem[] = []
  if (bytes > 0.8 * journal.maxBytes)
    found.push(
      attention('journal-filling', `the journal holds ${bytes} of ${journal.maxBytes} bytes`, 'raise journal.maxBytes, or mend the store'),
    )
  if (damaged > 0)
    found.push(
      attention(
        'journal-damaged',
        `${damaged} deliveries were lost to damage of the disk`,
        'look at the disk; ask the devices to send again',
      ),
    )
  return found
}

function behindProblems(rules: number): Problem[] {
  if (rules <= manyCommits) return []
  return [attention('rules-behind', `the rules are ${rules} commits behind`, 'look at the log for what holds them up')]
}

function influxProblems(sink: ReturnType<Examined['influx']>): Problem[] {
  if (sink === null || (sink.problem === null && sink.behind <= manyCommits)) return []
  const why = sink.problem === null ? '' : `: ${sink.problem.message}`
  const isRefused = sink.problem?.code === 'store-unauthorized'
  const todo = isRefused ? 'set a valid token (influx.token) and start again' : 'see that InfluxDB answers at influx.url'
  return [
    attention(
      'influx-behind',
      `${sink.behind} commits are not in InfluxDB${why}`,
      `${todo}; what is missing is written then, nothing is lost`,
    ),
  ]
}

function seriesProblems({ declared, most, refused: { real, ofRuns } }: ReturnType<Examined['series']>): Problem[] {
  if (real + ofRuns === 0) return []
  const whose = [...(real > 0 ? [`${real} of real stations`] : []), ...(ofRuns > 0 ? [`${ofRuns} of runs`] : [])].join(' and ')
  const what = `the networks declare ${declared} series and ${most} are taken: readings of ${whose} are put aside as too-many-series`
  const todo =
    'take away runs that are done with and sensors that nobody needs, or raise ingest.maxSeries and start again; then run what was put aside again'
  return [attention('too-many-series', what, todo)]
}

async function otherProblems({ passwordSet, notifications }: Examined): Promise<Problem[]> {
  const found: Problem[] = []
  const lost = notifications().outcomes.filter(({ outcome }) => outcome === 'given-up')
  for (const { channel, count } of lost)
    found.push(
      attention(
        'notification-lost',
        `${count} messages to ${channel} were given up`,
        'see that its receiver answers; docs/notifications.md',
      ),
    )
  if (!(await passwordSet()))
    found.push(
      attention(
        'password-not-set',
        'the administrator still has the one-time password',
        'log in and change it; gaugekeeper users reset makes a new one',
      ),
    )
  return found
}

function quarantineProblems(aside: number): Problem[] {
  if (aside <= 0) return []
  const todo = 'see why with gaugekeeper quarantine list; mend it and run them again, or close what nobody wants'
  return [attention('quarantine', `${aside} values were put aside`, todo)]
}
