import Type from 'typebox'

/** What went wrong and how to mend it: a problem document of RFC 9457, sent as application/problem+json. */
export const Problem = Type.Object({
  type: Type.String({ description: 'Stable name of the problem, a URI relative to /api/v1/problems/' }),
  title: Type.String({ description: 'The kind of problem, the same each time' }),
  status: Type.Integer(),
  detail: Type.String({ description: 'This occurrence, and what to do' }),
  code: Type.String({ description: 'The last part of type; listed in docs/errors.md' }),
  problems: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), { description: 'Each place of the request that is wrong' }),
  ),
})
export type Problem = Type.Static<typeof Problem>
