import type { FastifyInstance } from 'fastify'
import type { Pipeline } from '../../ingest/pipeline.ts'
import type { InfluxFeeding } from '../../store/influx/sink.ts'
import { levels } from '../../domain/warning.ts'
import type { Claims } from '../../api/claims.ts'
import type { Broker } from '../../broker/port.ts'
import type { Dispatch } from '../../notify/dispatch.ts'
import type { Ending } from '../certificates/endings.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'
import type { Analytics } from './analytics.ts'

interface FigureParts {
  foundation: Foundation
  pipeline: Pipeline
  analytics: Analytics
  influx: InfluxFeeding | null
  dispatch: Dispatch
}

const outcomes = ['stored', 'versions', 'duplicate'] as const

/** What /metrics shows beside the process and the broker: names with base units, no device as a label. */
export function systemFiguresOf({ foundation, pipeline, analytics, influx, dispatch }: FigureParts): Figure[] {
  const { store, journal } = foundation
  const outcomeCounts = async (): Promise<[string, number][]> => {
    const counts = await store.ledger.counts()
    const totals = outcomes.map((outcome): [string, number] => [outcome, counts.reduce((sum, one) => sum + one[outcome], 0)])
    // what is run again leaves the quarantine: those that wait are gaugekeeper_quarantine_values
    return [...totals, ['quarantined', await store.ledger.putAside()]]
  }
  const activeByLevel = async (): Promise<[string, number][]> => {
    const active = await store.warnings.warnings({ states: ['active'] })
    return levels.map((level) => [level, active.filter((warning) => warning.level === level && warning.run === null).length])
  }
  return [
    {
      name: 'gaugekeeper_ingest_values_total',
      help: 'Values by what became of them; one that was put aside and run again counts as both',
      label: 'outcome',
      read: outcomeCounts,
    },
    {
      name: 'gaugekeeper_ingest_messages_total',
      help: 'Deliveries since start: on disk and acknowledged, or refused because the journal was full',
      label: 'outcome',
      read: () => [
        ['acknowledged', journal.figures().accepted],
        ['refused', journal.figures().refused],
      ],
    },
    { name: 'gaugekeeper_journal_bytes', help: 'Bytes of the journal', read: () => journal.figures().bytes },
    { name: 'gaugekeeper_journal_damaged_total', help: 'Delivery numbers lost to damage', read: () => journal.figures().damaged },
    {
      name: 'gaugekeeper_store_damaged',
      help: '1 once the store has met damage of its file',
      read: () => (store.damage() === null ? 0 : 1),
    },
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
    {
      name: 'gaugekeeper_notifications_total',
      help: 'Attempts to tell a channel since start',
      label: ['channel', 'outcome'],
      read: () => dispatch.figures().outcomes.map(({ channel, outcome, count }) => [[channel, outcome], count] as const),
    },
    { name: 'gaugekeeper_notifications_waiting', help: 'Messages that wait to be sent', read: () => dispatch.figures().waiting },
    { name: 'gaugekeeper_warnings_active', help: 'Active warnings of the real fleet', label: 'severity', read: activeByLevel },
  ]
}

/** What the api counts, once it is open. */
export function apiFigures(api: () => FastifyInstance | null): Figure[] {
  return [
    { name: 'gaugekeeper_http_connections', help: 'Open connections over HTTP and HTTPS', read: () => api()?.connections.total() ?? 0 },
    { name: 'gaugekeeper_http_refused_total', help: 'What HTTP refused, by reason', read: () => api()?.refused() ?? [], label: 'reason' },
    { name: 'gaugekeeper_live_clients', help: 'Open live streams', read: () => api()?.liveFigures().clients ?? 0 },
    {
      name: 'gaugekeeper_live_dropped_total',
      help: 'Live streams ended because they fell behind',
      read: () => api()?.liveFigures().dropped ?? 0,
    },
  ]
}

/** What the broker counts. */
export function brokerFigures(broker: Broker): Figure[] {
  const figure = (name: string, help: string, read: Figure['read']): Figure => ({ name: `gaugekeeper_broker_${name}`, help, read })
  return [
    figure('connections', 'Open MQTT connections', () => broker.figures().connections),
    figure('clients', 'MQTT clients that have logged in', () => broker.figures().clients),
    figure('deliveries_total', 'Messages kept and acknowledged since start', () => broker.figures().deliveries),
    figure('held_total', 'Messages held because a device published too fast', () => broker.figures().held),
    figure('replaced_ids_total', 'Logins whose client id was replaced by the login', () => broker.figures().replacedIds),
    { ...figure('refused_total', 'What the broker refused, by reason', () => broker.figures().refused), label: 'reason' },
  ]
}

/** What devices claimed. */
export function claimFigures(claims: Claims): Figure[] {
  return [
    {
      name: 'gaugekeeper_device_claims_total',
      help: 'Secrets that devices claimed, by outcome',
      label: 'outcome',
      read: () => Object.entries({ given: claims.figures().given, refused: claims.figures().refused }),
    },
    { name: 'gaugekeeper_claim_windows', help: 'Claim windows that are open', read: () => claims.figures().open },
  ]
}

/** The first to end of each kind; negative when it is over. */
export function certificateFigure(endings: () => Ending[], now: () => number): Figure {
  return {
    name: 'gaugekeeper_certificate_expires_seconds',
    help: 'Seconds until the CA, the certificate of the TLS listeners, or the first of the devices ends',
    label: 'certificate',
    read() {
      const first = new Map<string, number>()
      for (const { certificate, until } of endings()) first.set(certificate, Math.min(until, first.get(certificate) ?? Infinity))
      return [...first].map(([certificate, until]) => [certificate, (until - now()) / 1_000] as const)
    },
  }
}
