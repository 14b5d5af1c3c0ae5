import type { Pipeline } from '../../ingest/pipeline.ts'
import type { DispatchFigures } from '../../notify/dispatch.ts'
import type { InfluxFeeding } from '../../store/influx/sink.ts'
import { levels } from '../../domain/warning.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'
import type { Analytics } from './analytics.ts'

interface FigureParts {
  foundation: Foundation
  pipeline: Pipeline
  analytics: Analytics
  influx: InfluxFeeding | null
  notifications: () => DispatchFigures
}

const notificationOutcomes = ['accepted', 'failed', 'given-up'] as const

const attempts = ({ outcomes: all }: DispatchFigures, of: string): number =>
  all.reduce((sum, { outcome, count }) => (outcome === of ? sum + count : sum), 0)

const outcomes = ['stored', 'versions', 'duplicate', 'quarantined'] as const

/** What /metrics shows beside the process and the broker: names with base units, no device as a label. */
export function systemFiguresOf({ foundation, pipeline, analytics, influx, notifications }: FigureParts): Figure[] {
  const { store, journal } = foundation
  const outcomeCounts = async (): Promise<[string, number][]> => {
    const counts = await store.ledger.counts()
    return outcomes.map((outcome) => [outcome, counts.reduce((sum, one) => sum + one[outcome], 0)])
  }
  const activeByLevel = async (): Promise<[string, number][]> => {
    const active = await store.warnings.warnings({ states: ['active'] })
    return levels.map((level) => [level, active.filter((warning) => warning.level === level && warning.run === null).length])
  }
  return [
    { name: 'gaugekeeper_ingest_values_total', help: 'Values by what became of them', label: 'outcome', read: outcomeCounts },
    { name: 'gaugekeeper_journal_bytes', help: 'Bytes of the journal', read: () => journal.figures().bytes },
    {
      name: 'gaugekeeper_journal_refused_total',
      help: 'Deliveries refused because the journal was full',
      read: () => journal.figures().refused,
    },
    { name: 'gaugekeeper_journal_damaged_total', help: 'Delivery numbers lost to damage', read: () => journal.figures().damaged },
    {
      name: 'gaugekeeper_ingest_backlog',
      help: 'Deliveries on disk that the live lane has not passed yet',
      read: () => journal.figures().newest - store.ledger.cursor(),
    },
    { name: 'gaugekeeper_ingest_deferred', help: 'Deliveries of back-fill, not carried yet', read: () => store.ledger.deferred().waiting },
    { name: 'gaugekeeper_ingest_failures', help: 'Tries in a row that the store refused', read: () => pipeline.figures().failures },
    {
      name: 'gaugekeeper_analytics_behind',
      help: 'Commits that the rules have not seen',
      read: () => store.ledger.newest() - analytics.commit(),
    },
    { name: 'gaugekeeper_influx_behind', help: 'Commits that are not in InfluxDB', read: () => influx?.figures().behind ?? 0 },
    { name: 'gaugekeeper_notify_waiting', help: 'Messages that wait to be sent or sent again', read: () => notifications().waiting },
    {
      name: 'gaugekeeper_notify_attempts_total',
      help: 'Attempts to send a message since start, by outcome',
      label: 'outcome',
      read: () => notificationOutcomes.map((outcome) => [outcome, attempts(notifications(), outcome)] as const),
    },
    { name: 'gaugekeeper_warnings_active', help: 'Active warnings of the real fleet', label: 'severity', read: activeByLevel },
  ]
}
