import { pauseAfter } from './backoff.ts'
import type { Channel, Outcome } from './channel.ts'
import type { Message } from './message.ts'
import { keyOf, letterId, type OutboxEntry, type OutboxLine } from './outbox.ts'

/** An entry after one more attempt, and what the attempt came to. */
export interface Attempted {
  entry: OutboxEntry
  outcome: Outcome
}

/** Sends an entry once and says how it stands then: accepted, waiting for its next time, or given up after about three days. */
export async function attempt(entry: OutboxEntry, channel: Channel, now: () => number, random: () => number): Promise<Attempted> {
  const sent: OutboxLine = { at: now(), what: 'sent', detail: null }
  const letter = { id: letterId(keyOf(entry)), body: entry.body, message: JSON.parse(entry.body) as Message }
  const outcome = await channel.deliver(letter).catch((error: unknown): Outcome => ({ kind: 'failed', detail: String(error) }))
  const answered: OutboxLine = { at: now(), what: outcome.kind === 'accepted' ? 'accepted' : 'failed', detail: outcome.detail }
  const after: OutboxEntry = { ...entry, log: [...entry.log, sent, answered] }
  if (outcome.kind === 'accepted') return { outcome, entry: { ...after, state: 'accepted' } }
  const attempts = entry.attempts + 1
  if (outcome.kind === 'gone') return { outcome, entry: givenUp({ ...after, attempts }, now(), 'the receiver wants nothing any more') }
  const pause = pauseAfter(attempts, random(), outcome.afterMs)
  if (pause === null) return { outcome, entry: givenUp({ ...after, attempts }, now(), `${attempts} attempts failed`) }
  return { outcome, entry: { ...after, attempts, nextAt: now() + pause } }
}

export const givenUp = (entry: OutboxEntry, at: number, detail: string): OutboxEntry => ({
  ...entry,
  state: 'given-up',
  log: [...entry.log, { at, what: 'given-up', detail }],
})
