import type { FastifyInstance } from 'fastify'
import type { HealthCheck, Problem } from '../../api/parts.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import { createSeriesBound } from '../../ingest/series-bound.ts'
import type { Dispatch } from '../../notify/dispatch.ts'
import type { InfluxFeeding } from '../../store/influx/sink.ts'
import { createEndings, endingProblems } from '../certificates/endings.ts'
import { version } from '../version.ts'
import type { Analytics } from './analytics.ts'
import type { ContinuityPart } from './continuity.ts'
import { apiFigures, brokerFigures, certificateFigure, claimFigures, systemFiguresOf } from './figures.ts'
import type { Clocks } from './clocks.ts'
import type { DeviceDoors } from './device-doors.ts'
import type { Foundation } from './foundation.ts'
import { createHealth } from './health.ts'
import type { Log } from './log.ts'
import { createMetrics, type Figure } from './metrics.ts'
import { clockProblems } from './our-clock.ts'
import { createProblems } from './problems.ts'
import { createSupport, type SupportBundle } from './support.ts'
import type { Timings } from './timings.ts'

/** How the system is, for people and programs that watch it. */
export interface Oversight {
  health: () => Promise<HealthCheck[]>
  problems: () => Promise<Problem[]>
  /** Prometheus text. */
  metrics: () => Promise<string>
  support: () => Promise<SupportBundle>
}

interface OversightParts {
  foundation: Foundation
  pipeline: Pipeline
  analytics: Analytics
  continuity: ContinuityPart
  influx: InfluxFeeding | null
  dispatch: Dispatch
  timings: Timings
  clocks: Clocks
  outTopics: readonly Figure[]
  devices: DeviceDoors
  /** Null until it is open. */
  api: () => FastifyInstance | null
  recentLog: Log['recent']
}

export function createOversight(parts: OversightParts): Oversight {
  const { foundation, pipeline, analytics, continuity, influx, dispatch, timings, clocks, outTopics, api, recentLog } = parts
  const { broker, field } = parts.devices
  const { settings, store, journal, people, claims, world, clock } = foundation
  const endings = createEndings({ ...foundation, server: foundation.serverCertificate, fleet: foundation.networks.fleet })
  const health = createHealth({
    store,
    journalTrouble: () => journal.trouble(),
    behind: () => journal.figures().newest - store.ledger.cursor() + store.ledger.deferred().waiting,
    pipelineTrouble: () => pipeline.figures().lastFailure,
    brokerListening: () => broker.figures().listening,
    followers: [
      { name: 'rules', ...analytics, commitsBehind: () => store.ledger.newest() - analytics.commit() },
      { name: 'gaps', ...continuity, commitsBehind: () => store.ledger.newest() - continuity.commit() },
    ],
  })
  const { maxSeries: most } = settings.ingest
  const seriesBound = createSeriesBound(foundation.networks.fleet, most)
  const problems = createProblems({
    health,
    storeDamage: () => store.damage(),
    series: () => ({ ...seriesBound(), most }),
    journal: { figures: () => journal.figures(), maxBytes: settings.journal.maxBytes, minFreeBytes: settings.journal.minFreeBytes },
    data: settings.server.data,
    passwordSet: () => people.passwordSet(),
    rulesBehind: () => store.ledger.newest() - analytics.commit(),
    influx: () => (settings.store.engine === 'influxdb' ? null : (influx?.figures() ?? null)),
    quarantined: async () => (await store.ledger.quarantineGroups()).reduce((sum, { values }) => sum + values, 0),
    counts: () => store.ledger.counts(),
    notifications: () => dispatch.figures(),
    certificates: () => endingProblems(endings(), world.now()),
    clock: async () => clockProblems(clock, (await store.ledger.watermarks()).find(({ run }) => run === null)?.at ?? null),
  })
  const figures = [
    ...systemFiguresOf({ foundation, pipeline, analytics, influx, dispatch }),
    ...continuity.figures,
    ...clocks.figures,
    ...brokerFigures(broker),
    ...outTopics,
    ...field.figures,
    ...apiFigures(api),
    ...claimFigures(claims),
    certificateFigure(endings, world.now),
  ]
  const metrics = createMetrics(figures, Object.values(timings), version)
  return { health, problems, metrics, support: createSupport({ foundation, problems, metrics, log: recentLog }) }
}
