import { answers, uploads } from './fields.ts'
import type { Frame } from './frame.ts'

/** What a frame has that the standard does not foresee (2017 tables 3 and 9), though it is taken: the closed list. */
export const oddities = {
  qn: 'QN has not 17 digits',
  st: 'ST has not two digits or capital letters',
  cn: 'CN is no command that a station sends',
  pw: 'PW has not six characters',
  mn: 'MN has not 24 digits 0 to 9 and A to F (2005: 14 characters)',
  part: 'its packet is numbered beyond the number of packets',
} as const satisfies Record<string, string>
export type Oddity = keyof typeof oddities

const [qn, st, mn] = [/^\d{17}$/, /^[0-9A-Z]{2}$/, /^[0-9A-F]{24}$/]

/** What is odd about a frame; empty for most. */
export function odditiesOf(frame: Pick<Frame, 'qn' | 'st' | 'cn' | 'pw' | 'mn' | 'edition' | 'part'>): Oddity[] {
  const { part } = frame
  const isOldMn = frame.edition === '2005' && frame.mn.length === 14
  const found: Oddity[] = []
  if (!qn.test(frame.qn)) found.push('qn')
  if (!st.test(frame.st)) found.push('st')
  if (!uploads.has(frame.cn) && !answers.has(frame.cn)) found.push('cn')
  if (frame.pw.length !== 6) found.push('pw')
  if (!isOldMn && !mn.test(frame.mn)) found.push('mn')
  if (part !== null && (part.number < 1 || part.number > part.of)) found.push('part')
  return found
}
