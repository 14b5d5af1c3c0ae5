import type { TSchema } from 'typebox'
import { stringify } from 'yaml'
import { fieldsOf } from './fields.ts'

/** A gaugekeeper.yaml with every setting at its default, commented out, under its description. */
export function sampleConfig(schema: TSchema): string {
  const lines = ['# Every setting of Gaugekeeper with its default. Environment: GAUGEKEEPER_<SECTION>_<NAME>; secrets also as …_FILE.']
  let section = ''
  for (const field of fieldsOf(schema)) {
    const [first = '', ...rest] = field.path.split('.')
    if (first !== section) {
      section = first
      lines.push('', rest.length > 0 ? `${first}:` : '')
    }
    const indent = '  '.repeat(rest.length)
    lines.push(`${indent}# ${field.description}`, `${indent}# ${rest.at(-1) ?? first}: ${stringify(field.default ?? null).trim()}`)
  }
  return `${lines.join('\n')}\n`
}
