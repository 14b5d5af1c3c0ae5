import Type from 'typebox'
import { rejectionReasons } from './rejection.ts'

const strict = { additionalProperties: false }
const nullable = <Schema extends Type.TSchema>(schema: Schema, options: { description: string }) =>
  Type.Union([schema, Type.Null()], options)
const values = (description: string) => Type.Integer({ minimum: 0, description })

/** The JSON that goes to `devices/{device}/receipts`, and answers over HTTP: what became of one delivery, once the store has it. */
export const Receipt = Type.Object(
  {
    delivery: Type.Integer({ minimum: 1, description: 'our number of the delivery' }),
    receivedAt: Type.Integer({ description: 'when we had it, epoch ms UTC' }),
    seq: nullable(Type.Object({ from: Type.Integer(), to: Type.Integer() }, strict), {
      description: 'lowest and highest number of the device in it; null when it carries none',
    }),
    contiguousSeq: nullable(Type.Integer(), {
      description:
        'highest number of the device up to which none is missing since 1: what it holds up to here may be erased; null = not known',
    }),
    accepted: values('values stored, late ones included'),
    late: values('of the accepted: values beyond the lateness allowed'),
    duplicate: values('values that were here already'),
    quarantined: values('values put aside; items says why'),
    items: Type.Array(
      Type.Object(
        {
          item: nullable(Type.Integer({ minimum: 0 }), { description: 'place in the array that was sent; null = the whole delivery' }),
          reason: Type.Enum([...rejectionReasons], { description: 'see docs/quarantine.md' }),
          detail: Type.String({ description: 'one sentence: what was wrong and what to do' }),
          values: values('values it stands for'),
        },
        strict,
      ),
      { description: 'what was put aside; above 16 items those of one reason are one' },
    ),
  },
  { ...strict, description: 'What became of one delivery' },
)
export type Receipt = Type.Static<typeof Receipt>
