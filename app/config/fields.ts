import type { TSchema } from 'typebox'
import { parse } from 'yaml'

/** One setting: a leaf of the schema. */
export interface Field {
  /** Dotted: `journal.maxBytes`. */
  path: string
  description: string
  default: unknown
  schema: TSchema
  secret: boolean
  /** A value from text, as environment and command line give it. */
  read: (text: string) => unknown
}

interface Node {
  type?: string
  properties?: Record<string, TSchema>
  description?: string
  default?: unknown
  secret?: boolean
}

/** All settings of a schema of nested objects, in its order. */
export function fieldsOf(schema: TSchema, path = ''): Field[] {
  const node = schema as Node
  if (node.type === 'object' && node.properties)
    return Object.entries(node.properties).flatMap(([key, child]) => fieldsOf(child, path === '' ? key : `${path}.${key}`))
  return [
    {
      path,
      description: node.description ?? '',
      default: node.default,
      schema,
      secret: node.secret === true || /(token|secret|password)$/i.test(path),
      read: (text) => (node.type === 'string' ? text : fromText(text)),
    },
  ]
}

function fromText(text: string): unknown {
  try {
    return parse(text) as unknown
  } catch {
    return text
  }
}
