import { medianOf, quantileOf } from './contingency.ts'
import type { Hit } from './matching.ts'

/**
 * How soon an officer could be told, over the hits, ms. From the start of an event in the noise-free signal to
 * - evidence: when the reading that decided was sent, by the truth;
 * - notify: when it had also been received, by the clock of the run, and what the server took from there to the warning being kept and told, by
 *   its own.
 */
export interface NotifyScore {
  medianEvidenceMs: number | null
  mostEvidenceMs: number | null
  /** Median and nine in ten; of hits of which the server tells when what decided was received, and when the warning was kept. */
  medianNotifyMs: number | null
  mostNotifyMs: number | null
  /** Of that, what the server took by its own clock. */
  medianServerMs: number | null
  mostServerMs: number | null
}

/** @param sentAt when the reading of a series with a time stamp was first sent, by the clock of the simulation; null = nobody knows */
export function notifyScore(hits: readonly Hit[], sentAt: (series: string, at: number) => number | null): NotifyScore {
  const evidence = hits.map((hit) => sentOf(hit, sentAt) - hit.event.onset)
  const server = hits.flatMap((hit) => serverMs(hit) ?? [])
  const notify = hits.flatMap((hit) => {
    const ownMs = serverMs(hit)
    const { decided } = hit.alarm
    if (ownMs === null || decided === null) return []
    return Math.max(sentOf(hit, sentAt), decided.receivedAt) + ownMs - hit.event.onset
  })
  return {
    ...{ medianEvidenceMs: medianOf(evidence), mostEvidenceMs: quantileOf(evidence, 0.9) },
    ...{ medianNotifyMs: medianOf(notify), mostNotifyMs: quantileOf(notify, 0.9) },
    ...{ medianServerMs: medianOf(server), mostServerMs: quantileOf(server, 0.9) },
  }
}

/** When the reading that decided left its device. */
function sentOf({ alarm: { series, raisedAt, decided } }: Hit, sentAt: (series: string, at: number) => number | null): number {
  const measuredAt = decided?.observedAt ?? raisedAt
  return sentAt(series ?? '', measuredAt) ?? measuredAt
}

function serverMs({ alarm: { decided } }: Hit): number | null {
  const { arrivedAt = null, keptAt = null } = decided ?? {}
  return arrivedAt === null || keptAt === null ? null : Math.max(0, keptAt - arrivedAt)
}
