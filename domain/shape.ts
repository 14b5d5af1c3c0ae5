import type { FileProblem } from './errors.ts'
import { hint } from './nearest.ts'

/** The part of JSON Schema that our file schemas use (TypeBox writes it). */
interface ShapeSchema {
  type?: string
  description?: string
  enum?: readonly string[]
  anyOf?: readonly ShapeSchema[]
  pattern?: string | RegExp
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: ShapeSchema
  properties?: Readonly<Record<string, ShapeSchema>>
  patternProperties?: Readonly<Record<string, ShapeSchema>>
  required?: readonly string[]
  additionalProperties?: unknown
}

/**
 * Checks what somebody wrote against a TypeBox schema and adds every mistake to `problems`, with its path and how to mend it. Returns a copy
 * without what was wrong (a wrong item of an array stays as `undefined`, so that places keep their numbers): further checks go on with
 * the rest. Copies are made without a prototype where keys come from outside.
 */
export function checkShape(schema: object, value: unknown, path: string, problems: FileProblem[]): unknown {
  return check(schema as ShapeSchema, value, path, problems)
}

function check(schema: ShapeSchema, value: unknown, path: string, problems: FileProblem[]): unknown {
  const complain = (message: string): undefined => {
    problems.push({ path: path === '' ? 'file' : path, message })
    return undefined
  }
  if (schema.anyOf !== undefined) return checkChoice(schema.anyOf, value, path, problems, complain)
  if (!fitsType(schema.type, value)) return complain(`${expected(schema.type)} is needed here${found(value)}`)
  if (typeof value === 'string') return checkText(schema, value, complain)
  if (typeof value === 'number') return checkNumber(schema, value, complain)
  if (Array.isArray(value)) return checkList(schema, value, path, problems, complain)
  if (typeof value === 'object' && value !== null) return checkObject(schema, value, path, problems)
  return value
}

type Complain = (message: string) => undefined

function fitsType(type: string | undefined, value: unknown): boolean {
  if (type === undefined) return true
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}

const typeWords: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a group of keys'],
])
const expected = (type: string | undefined): string => typeWords.get(type ?? '') ?? 'another value'

function found(value: unknown): string {
  if (value === null || value === undefined) return ', it is empty'
  if (typeof value === 'number' || typeof value === 'boolean') return `, not ${value} (a text that looks like this stands in quotes)`
  return typeof value === 'string' ? `, not "${value.slice(0, 60)}"` : `, not ${Array.isArray(value) ? 'a list' : 'a group of keys'}`
}

/** The branch of the value's own type decides. */
function checkChoice(choices: readonly ShapeSchema[], value: unknown, path: string, problems: FileProblem[], complain: Complain): unknown {
  const branch = choices.find((choice) => fitsType(choice.type, value))
  if (branch !== undefined) return check(branch, value, path, problems)
  return complain(`${choices.map((choice) => expected(choice.type)).join(' or ')} is needed here${found(value)}`)
}

function checkText(schema: ShapeSchema, value: string, complain: Complain): unknown {
  const words = schema.enum
  if (words !== undefined && !words.includes(value))
    return complain(`"${value.slice(0, 60)}" is not one of ${words.join(', ')}${hint(value, words)}`)
  if (schema.pattern === undefined || new RegExp(schema.pattern).test(value)) return value
  return complain(`"${value.slice(0, 80)}" does not fit: ${schema.description ?? String(schema.pattern)}`)
}

function checkNumber(schema: ShapeSchema, value: number, complain: Complain): unknown {
  const { minimum = -Infinity, maximum = Infinity } = schema
  if (value >= minimum && value <= maximum) return value
  if (maximum === Infinity) return complain(`${value} is below ${minimum}, the least allowed`)
  return complain(`${value} is outside ${minimum} to ${maximum}`)
}

function checkList(schema: ShapeSchema, value: readonly unknown[], path: string, problems: FileProblem[], complain: Complain): unknown {
  const { minItems = 0, maxItems = Infinity } = schema
  if (value.length < minItems || value.length > maxItems) {
    const size = minItems === maxItems ? `exactly ${minItems}` : value.length < minItems ? `at least ${minItems}` : `at most ${maxItems}`
    return complain(`the list has ${value.length} entries, ${size} are needed`)
  }
  const { items } = schema
  return items === undefined ? value : value.map((item, place) => check(items, item, `${path}[${place}]`, problems))
}

function checkObject(schema: ShapeSchema, value: object, path: string, problems: FileProblem[]): unknown {
  const known = schema.properties ?? {}
  const clean: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const rest = Object.values(schema.patternProperties ?? {})[0]
  for (const [key, content] of Object.entries(value)) {
    const inside = Object.hasOwn(known, key) ? known[key] : rest
    const place = path === '' ? key : `${path}.${key}`
    if (content === undefined) continue
    if (inside !== undefined) keep(clean, key, check(inside, content, place, problems))
    else if (schema.additionalProperties !== false) clean[key] = content
    else
      problems.push({
        path: place,
        message: `the key is not known here${hint(key, Object.keys(known)) || `; known are ${Object.keys(known).join(', ')}`}`,
      })
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key)) problems.push({ path: path === '' ? key : `${path}.${key}`, message: missing(known[key]) })
  }
  return clean
}

function keep(clean: Record<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined) clean[key] = value
}

const missing = (schema: ShapeSchema | undefined): string =>
  `is missing${schema?.description === undefined ? '' : `: ${schema.description}`}`
