import { createContinuity } from '../../analytics/continuity/continuity.ts'
import type { SendCommand } from '../../domain/command.ts'
import { gapCauses, type Gap } from '../../domain/gap.ts'
import type { Committed } from '../../store/ports/ledger.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'

/** What should have come and did not, following the commits of the pipeline. */
export interface ContinuityPart {
  /** Takes a commit, or notes that there is one; returns at once. */
  consume: (committed: Committed) => void
  gaps: () => Gap[]
  figures: Figure[]
}

/** Catches up with the store, then follows. What a store that is away keeps from it is taken with the next commit. */
export async function startContinuity(
  { settings, store, networks, world, log, life }: Foundation,
  send: SendCommand,
): Promise<ContinuityPart> {
  const { checkpointEvery } = settings.analytics
  const continuity = createContinuity({ store, fleet: networks.fleet, send, now: world.now, checkpointEvery })
  await continuity.start()
  life.onStop('continuity', () => continuity.stop())
  const orLater = (err: unknown): void => log.warn({ err }, 'keeping the ledger of gaps; it goes on with the next commit')
  const figures = continuity.figures
  return {
    consume: (committed) => void continuity.consume(committed).catch(orLater),
    gaps: continuity.gaps,
    figures: [
      {
        name: 'gaugekeeper_gaps_open',
        help: 'Gaps in series that are open, by cause',
        label: 'cause',
        read: () => gapCauses.map((cause) => [cause, figures().open.get(cause) ?? 0] as const),
      },
      {
        name: 'gaugekeeper_gaps_total',
        help: 'Gaps in series since start, by what became of them',
        label: 'outcome',
        read: () => {
          const { opened, closed, givenUp, dropped } = figures()
          return Object.entries({ opened, closed, given_up: givenUp, dropped })
        },
      },
      {
        name: 'gaugekeeper_resend_requests_total',
        help: 'Requests to devices to send again what is missing, by outcome',
        label: 'outcome',
        read: () => [...figures().requests],
      },
      {
        name: 'gaugekeeper_continuity_behind',
        help: 'Commits that the ledger of gaps has not seen',
        read: () => store.ledger.newest() - figures().commit,
      },
    ],
  }
}
