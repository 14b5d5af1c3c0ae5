import Type from 'typebox'
import { Problem } from './schemas/problem.ts'

/** The parts of a route's documentation that all share. */

/** A parameter of an address with the example that the tests run. */
export const asked = {
  series: (examples: string[]) =>
    Type.Array(Type.String({ maxLength: 5_000 }), {
      minItems: 1,
      maxItems: 50,
      description: 'station/parameter/number (the number may be left out when it is 1); several: with commas, or given again; at most 50',
      examples: [examples],
    }),
  stations: () =>
    Type.Optional(
      Type.Array(Type.String({ maxLength: 5_000 }), {
        minItems: 1,
        maxItems: 50,
        description: 'Only of this station; several: with commas, or given again; at most 50',
        examples: [['qingxi']],
      }),
    ),
  moment: (description: string, example: string) =>
    Type.Optional(
      Type.String({
        maxLength: 40,
        description: `${description} ISO 8601 with an offset, or epoch seconds or milliseconds.`,
        examples: [example],
      }),
    ),
  text: (description: string, example: string) => Type.Optional(Type.String({ maxLength: 200, description, examples: [example] })),
  format: () =>
    Type.Optional(
      Type.Enum(['json', 'csv'], { description: 'Wins over the Accept header. Times of CSV are ISO 8601, UTC.', examples: ['json'] }),
    ),
}

/** An object that takes no other fields. */
export const strict = <Fields extends Type.TProperties>(fields: Fields) => Type.Object(fields, { additionalProperties: false })

/** The answers of a route: the good one, and problem documents. */
export function answers<Status extends number, Schema extends Type.TSchema>(status: Status, schema: Schema, description: string) {
  const problem = {
    description: 'A problem document (RFC 9457): what was wrong and what to do',
    content: { 'application/problem+json': { schema: Problem } },
  }
  return { [status]: { description, content: { 'application/json': { schema } } }, '4xx': problem, '5xx': problem } as unknown as {
    [Key in Status]: Schema
  }
}

/** Who may call a route, as OpenAPI says it. */
export const security = {
  reader: [{}, { session: [] }, { token: [] }],
  person: [{ session: [] }, { token: [] }],
  device: [{ device: [] }],
}

/** Whether CSV is wanted rather than JSON. */
export function wantsCsv(format: string | undefined, accept: string | undefined): boolean {
  return format === undefined ? /\btext\/csv\b/.test(accept ?? '') && !/\bapplication\/json\b/.test(accept ?? '') : format === 'csv'
}
