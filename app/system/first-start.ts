import type { People } from '../../api/people.ts'
import { keepFirstPassword } from '../server-file.ts'

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
