import { createContinuity, type Continuity, type ContinuityFigures } from '../../analytics/continuity/continuity.ts'
import type { SendCommand } from '../../domain/command.ts'
import { gapCauses, type Gap } from '../../domain/gap.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Sequence } from '../../domain/sequence.ts'
import { followCommits, type Following } from './following.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'

/** What should have come and did not, following the commits of the pipeline. */
export interface ContinuityPart extends Pick<Following<Continuity>, 'consume' | 'isUp' | 'settled' | 'trouble'> {
  gaps: () => Gap[]
  /** As `Continuity.numbers`; null while it reads back. */
  numbers: (device: DeviceId) => Promise<Sequence | null> | null
  /** Newest commit that it has seen. */
  commit: () => number
  figures: Figure[]
}

/** Catches up with the store, then follows. What a store that is away keeps from it is taken with the next commit. */
export function startContinuity(foundation: Foundation, send: SendCommand): ContinuityPart {
  const { settings, store, networks, world } = foundation
  const { checkpointEvery } = settings.analytics
  const made = (): Continuity => createContinuity({ store, fleet: networks.fleet, send, now: world.now, checkpointEvery })
  const { current, ...following } = followCommits('keeping the ledger of gaps', made, foundation)
  const figures = (): ContinuityFigures => current().figures()
  return {
    ...following,
    gaps: () => current().gaps(),
    numbers: (device) => (following.isUp() ? current().numbers(device) : null),
    commit: () => figures().commit,
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
