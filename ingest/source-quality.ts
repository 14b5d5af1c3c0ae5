import { testBit } from '../domain/quality-tests.ts'

const suspect = testBit('source_suspect')
const fail = testBit('source_fail')

/** Words and numbers by which sources judge their own values: QARTOD numbers, HJ 212 letters, plain English. */
const marks: ReadonlyMap<string, number> = new Map([
  ...['good', 'ok', 'valid', 'normal', '1', 'n'].map((word): [string, number] => [word, 0]),
  ...['not evaluated', 'unknown', '2', ''].map((word): [string, number] => [word, 0]),
  ...['suspect', 'questionable', 'doubtful', 'uncertain', '3', 't', 's'].map((word): [string, number] => [word, suspect]),
  ...['fail', 'failed', 'bad', 'invalid', 'error', '4', '9', 'f', 'd', 'b', 'm', 'c'].map((word): [string, number] => [word, fail]),
])

/**
 * The mark (`source_suspect`, `source_fail` or 0) behind a source's own word for the quality of a value, letter case aside. A word that
 * nobody knows is a doubt that the source had: suspect. HJ 212-2017: N normal, T over range, S set by hand, F stopped, M maintenance, D fault, C
 * calibration, B no connection.
 */
export function sourceMark(word: string | null): number {
  return word === null ? 0 : (marks.get(word.trim().toLowerCase()) ?? suspect)
}
