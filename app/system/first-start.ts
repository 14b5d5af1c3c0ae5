import type { People } from '../../api/people.ts'
import { forgetFirstPassword, keepFirstPassword } from '../server-file.ts'

/** The file of the one-time password goes when it opens nothing any more. */
export async function forgetWhenChanged(people: Pick<People, 'passwordSet' | 'onEnded'>, data: string): Promise<void> {
  const look = async (): Promise<void> => {
    if (await people.passwordSet()) forgetFirstPassword(data)
  }
  // should the store not answer just now: it is looked at again at the next start
  people.onEnded(() => void look().catch(() => undefined))
  await look()
}

/**
 * At the first start makes `admin` with a one-time password: shown on a terminal, else written to a file that only its owner may read.
 * Returns the lines to print; empty ever after.
 */
export async function firstPassword(people: People, data: string, isTerminal: boolean): Promise<string[]> {
  const first = await people.firstStart()
  if (!first) return []
  if (isTerminal) return [`  login     ${first.user}, one-time password ${first.password}`]
  return [`  login     ${first.user}, one-time password in ${keepFirstPassword(data, first.password)}`]
}
