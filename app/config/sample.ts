import type { TSchema } from 'typebox'
import { stringify } from 'yaml'
import { fieldsOf } from './fields.ts'

/** A gaugekeeper.yaml with every setting at its default, commented out, under its description. It is a valid one as it is. */
export function sampleConfig(schema: TSchema): string {
  const lines = ['## Every setting of Gaugekeeper with its default. Environment: GAUGEKEEPER_<SECTION>_<NAME>; secrets also as …_FILE.']
  let sections: readonly string[] = []
  for (const field of fieldsOf(schema)) {
    const names = field.path.split('.')
    const [own, name] = [names.slice(0, -1), names.at(-1) ?? '']
    if (names[0] !== sections[0] || own.length === 0) lines.push('')
    own.forEach((section, i) => {
      if (own.slice(0, i + 1).join() !== sections.slice(0, i + 1).join()) lines.push(`${'  '.repeat(i)}${section}:`)
    })
    sections = own.length === 0 ? names : own
    const setting = stringify({ [name]: field.default ?? null }).trimEnd()
    const indent = '  '.repeat(own.length)
    lines.push(`${indent}## ${field.description}`, ...setting.split('\n').map((line) => `${indent}# ${line}`))
  }
  return `${lines.join('\n')}\n`
}
