import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parameterKinds } from '../domain/parameter-kinds.ts'
import { unknownDevice } from '../domain/codec.ts'
import { codecs } from './codecs/registry.ts'
import { kindLimits, type KindLimits } from './quality/limits-table.ts'

const read = (file: string): string => readFileSync(new URL(`../docs/${file}`, import.meta.url), 'utf8')

const receivedAt = Date.UTC(2026, 10, 19, 4)

test('every example of docs/payloads.md is decoded whole', () => {
  const examples = [...read('payloads.md').matchAll(/^```json (\w+)\n([\s\S]+?)^```$/gm)]
  expect(examples.length).toBeGreaterThan(3)
  for (const [, format, text = ''] of examples) {
    const codec = codecs.find(({ name }) => name.startsWith(format ?? '?'))
    const decoded = codec?.decode(Buffer.from(text), unknownDevice, receivedAt)
    expect(decoded?.rejections).toEqual([])
    expect(decoded?.groups.length).toBeGreaterThan(0)
  }
})

/** A row of the table in docs/quality.md, from the limits in force. */
function rowOf(kind: string, { spans, spike, rateOfChange, flatLine, gapFactor }: KindLimits): string {
  const span = (which: 'fail' | 'suspect'): string => (spans?.[which] ? `${spans[which][0]} … ${spans[which][1]}` : '–')
  const pair = (limits: KindLimits['spike']): string => {
    if (limits === null) return '–'
    const { suspect, fail, suspectPercent, failPercent } = limits
    return suspectPercent === undefined ? `${suspect} / ${fail}` : `${suspectPercent} % / ${failPercent} %, from ${suspect} / ${fail}`
  }
  const rest = flatLine?.offAt === 0 ? ', not at 0' : ''
  const flat = flatLine === null ? '–' : `${flatLine.suspectHours} / ${flatLine.failHours} h, ${flatLine.tolerance}${rest}`
  return `| ${[kind, span('fail'), span('suspect'), pair(spike), pair(rateOfChange), flat, `${gapFactor} Δ`].join(' | ')} |`
}

test('docs/quality.md shows the limits in force, kind by kind', () => {
  const table = read('quality.md')
    .split('\n')
    .filter((line) => /^\| [a-z-]+ \|(?: [^|]+ \|){6}$/.test(line) && !line.startsWith('| kind'))
  expect(table).toEqual(parameterKinds.map((kind) => rowOf(kind, kindLimits[kind])))
})
