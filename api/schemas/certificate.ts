import Type from 'typebox'
import { Moment, nullable } from './words.ts'

/** A certificate of a device. */
export const CertificateNote = Type.Object({
  serial: Type.String({ description: 'Hexadecimal' }),
  madeAt: Moment,
  from: Moment,
  until: Type.Integer({ description: 'When it ends, epoch ms: by itself, or with the overlap when it was replaced' }),
  revokedAt: nullable(Moment),
})
export type CertificateNote = Type.Static<typeof CertificateNote>

/** GET /devices/{device}/certificates */
export const CertificateList = Type.Object({ certificates: Type.Array(CertificateNote) })

/** Body of POST /devices/{device}/certificates */
export const CertificateRequest = Type.Object(
  {
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_825, description: 'How long it is good; default 365' })),
    request: Type.Optional(
      Type.String({
        maxLength: 16_384,
        description: 'A signing request (PKCS #10, PEM): the key stays with the device; left out: a key is made',
      }),
    ),
    overlap: Type.Optional(
      Type.String({ maxLength: 40, description: 'Those before end so much later, such as 7d, at most 90d; left out: they stay' }),
    ),
  },
  { additionalProperties: false, examples: [{ days: 365 }] },
)

/** POST /devices/{device}/certificates: the key is shown this once. */
export const IssuedCertificate = Type.Object({
  device: Type.String(),
  certificate: CertificateNote,
  pem: Type.String(),
  key: nullable(Type.String({ description: 'PEM; null when the device made it' })),
  authority: Type.String({ description: 'The certificate of the device CA, PEM: by it the device knows the server' }),
})
export type IssuedCertificate = Type.Static<typeof IssuedCertificate>
