import Type from 'typebox'

export const Alive = Type.Object({ ok: Type.Literal(true), version: Type.String() })
export type Alive = Type.Static<typeof Alive>

/** GET /readyz: 200 when all is well, else 503 with the same body. */
export const Readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
})
export type Readiness = Type.Static<typeof Readiness>
