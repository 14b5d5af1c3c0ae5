import { GaugekeeperError, type ErrorEntry, type FileProblem } from '../domain/errors.ts'

export const analyticsErrors = [
  {
    code: 'rules-invalid',
    meaning: 'Rules cannot be used as written. The message lists each rule and key and how to mend it; correct the network file.',
  },
  {
    code: 'checkpoint-unreadable',
    meaning:
      'The checkpoint of the rules was written by another release. The rules begin again from the oldest commit kept; nothing is lost, it takes longer.',
  },
] as const satisfies readonly ErrorEntry[]

/** Rules that cannot be used as written. */
export class RulesInvalid extends GaugekeeperError {
  constructor(
    readonly network: string,
    readonly problems: readonly FileProblem[],
  ) {
    super('rules-invalid', `preparing the rules of network ${network}:\n${problems.map((p) => `  ${p.path}: ${p.message}`).join('\n')}`)
  }
}
