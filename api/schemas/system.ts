import Type from 'typebox'

/** GET /api/v1/system */
export const SystemState = Type.Object({
  version: Type.String(),
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
  problems: Type.Array(
    Type.Object({
      name: Type.String(),
      severity: Type.Enum(['failure', 'attention'], { description: 'failure: something does not work; attention: it will not for long' }),
      what: Type.String(),
      todo: Type.String(),
    }),
    { description: 'What somebody should mend, worst first' },
  ),
})
export type SystemState = Type.Static<typeof SystemState>
