import type { Audit, AuditNote } from '../domain/audit.ts'
import type { ProblemCode } from './errors.ts'

/** Why a connection ends without an answer; what is answered has the code of a problem. */
export const unanswered = {
  'too-many-connections': 'there are as many connections over HTTP as there may be',
  'too-many-strangers': 'the address has too many connections over which nobody has logged in',
  'login-throttled': 'wrong logins of the address come faster than they are answered',
} as const satisfies Record<string, string>

export type Refusal = ProblemCode | keyof typeof unanswered

/** Counts what is refused over HTTP, by reason, and notes each in the audit log. */
export interface Refusals {
  count(reason: Refusal, note: Omit<AuditNote, 'outcome' | 'reason'>): void
  counts(): ReadonlyMap<Refusal, number>
}

export function createRefusals(audit: Audit): Refusals {
  const counts = new Map<Refusal, number>()
  return {
    count(reason, note) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
      audit.count({ ...note, outcome: 'refused', reason })
    },
    counts: () => counts,
  }
}
