import { readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { parse } from 'yaml'
import { hint } from '../../domain/nearest.ts'
import { ConfigInvalid } from '../errors.ts'
import { fieldsOf, type Field } from './fields.ts'

export type Origin = 'default' | `file ${string}` | `environment ${string}` | `flag --${string}`

/** The checked configuration, and where each value came from. */
export interface Loaded<Config> {
  config: Config
  origins: ReadonlyMap<string, Origin>
  fields: readonly Field[]
}

export interface Sources {
  /** YAML file; null = none. A file that was named and is not there is an error. */
  file: string | null
  environment: Readonly<Record<string, string | undefined>>
  /** Dotted path -> value, from the command line's own flags. */
  flags: ReadonlyMap<string, unknown>
  /** Dotted path -> text, from `--set path=value`. */
  texts?: ReadonlyMap<string, unknown>
}

/**
 * Reads flags > environment > file > defaults against one schema. Unknown keys are refused with the nearest known one.
 * Throws ConfigInvalid with every problem, before anything is opened.
 */
export function loadConfig<Config>(schema: TSchema, sources: Sources): Loaded<Config> {
  const fields = fieldsOf(schema)
  const known = new Map(fields.map((field) => [field.path, field]))
  const origins = new Map<string, Origin>(fields.map((field) => [field.path, 'default']))
  const values = new Map<string, unknown>(fields.map((field) => [field.path, structuredClone(field.default)]))
  const problems: string[] = []

  const take = (path: string, value: unknown, origin: Origin): void => {
    const field = known.get(path)
    if (!field) problems.push(unknownKey(path, origin, [...known.keys()]))
    else if (!Value.Check(field.schema, value)) problems.push(`${path} (${origin}): ${wrong(field, value)}`)
    else {
      values.set(path, value)
      origins.set(path, origin)
    }
  }

  for (const [path, value] of fileValues(sources.file, known)) take(path, value, `file ${sources.file ?? ''}`)
  for (const field of fields) {
    const found = environmentValue(field, sources.environment)
    if (found) take(field.path, found.value, `environment ${found.name}`)
  }
  problems.push(...unknownNames(fields, sources.environment))
  for (const [path, text] of sources.texts ?? []) take(path, known.get(path)?.read(String(text)) ?? text, `flag --set ${path}`)
  for (const [path, value] of sources.flags) take(path, value, `flag --${path}`)
  if (problems.length > 0) throw new ConfigInvalid(problems)
  return { config: nest(values) as Config, origins, fields }
}

function unknownKey(path: string, origin: Origin, all: string[]): string {
  return `${path} (${origin}): no such setting${hint(path, all)}`
}

function wrong(field: Field, value: unknown): string {
  const [problem] = Value.Errors(field.schema, value)
  return `${JSON.stringify(value)} ${problem?.message ?? 'is not allowed'}; ${field.description}`
}

function* fileValues(file: string | null, known: ReadonlyMap<string, Field>): Generator<[string, unknown]> {
  if (file === null) return
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {}
  } catch (cause) {
    throw new ConfigInvalid([`${file}: ${cause instanceof Error ? cause.message : String(cause)}`])
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new ConfigInvalid([
      `${file}: holds no settings; write them as "server:" with "  port: 8080" below it, see gaugekeeper config sample`,
    ])
  yield* leaves(content, '', known)
}

/**
 * Dotted paths of what a file says; a path that is a known field is a leaf even when its value is a list or an object. A section of which
 * every line is a comment says nothing.
 */
function* leaves(value: unknown, path: string, known: ReadonlyMap<string, Field>): Generator<[string, unknown]> {
  if (value === null && [...known.keys()].some((field) => field.startsWith(`${path}.`))) return
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (path !== '' && (known.has(path) || !isSection)) yield [path, value]
  else if (isSection) for (const [key, child] of Object.entries(value)) yield* leaves(child, path === '' ? key : `${path}.${key}`, known)
}

const prefix = 'GAUGEKEEPER_'

/** Names of the environment that are ours and no settings: the key of the commands, and what turns tests on. */
const otherNames: readonly string[] = ['API_KEY', 'LONG', 'REQUIRE_ALL'].map((name) => prefix + name)

/** `influx.token` is GAUGEKEEPER_INFLUX_TOKEN. */
const nameOf = ({ path }: Field): string =>
  prefix +
  path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\./g, '_')
    .toUpperCase()

/** The value that the environment gives a setting: that of its name, or the content of the file that `…_FILE` names. Null = none. */
function environmentValue(field: Field, environment: Sources['environment']): { name: string; value: unknown } | null {
  const name = nameOf(field)
  const file = environment[`${name}_FILE`]
  if (file) return { name: `${name}_FILE`, value: field.read(secretIn(`${name}_FILE`, file)) }
  const text = environment[name]
  return text === undefined ? null : { name, value: field.read(text) }
}

function secretIn(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new ConfigInvalid([
      `environment ${name}: the file it names cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
    ])
  }
}

/** A name with our prefix that says nothing is a typing mistake: what it was meant to set would stay as it was, without a word. */
function unknownNames(fields: readonly Field[], environment: Sources['environment']): string[] {
  const known = [...fields.map(nameOf), ...otherNames]
  const knows = new Set([...known, ...known.map((name) => `${name}_FILE`)])
  const unknown = Object.keys(environment).filter((name) => name.startsWith(prefix) && environment[name] !== undefined && !knows.has(name))
  return unknown.map((name) => `environment ${name}: no such setting${hint(name, known)}`)
}

function nest(values: ReadonlyMap<string, unknown>): unknown {
  const root: Record<string, unknown> = {}
  for (const [path, value] of values) {
    const parts = path.split('.')
    const last = parts.pop() ?? ''
    let at = root
    for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>
    if (value !== undefined) at[last] = value
  }
  return root
}
