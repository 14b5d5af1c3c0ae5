import Type from 'typebox'
import type { DeviceCertificate } from '../../domain/certificate.ts'
import { durationOf } from '../asked.ts'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { CertificateList, CertificateRequest, IssuedCertificate, type CertificateNote } from '../schemas/certificate.ts'
import { known } from './provisioning.ts'

const longestOverlapMs = 90 * 86_400_000

const device = Type.String({ maxLength: 100, examples: ['rtu-0017'] })
const shared = { tags: ['devices'], security: security.person }

const issueRoute = {
  ...shared,
  operationId: 'issueCertificate',
  summary: 'Make a certificate with which a device logs in over TLS; its key is shown this once (role administrator)',
  params: strict({ device }),
  body: CertificateRequest,
  response: answers(200, IssuedCertificate, 'The certificate, its key, and that of the CA'),
}
const listRoute = {
  ...shared,
  operationId: 'certificates',
  summary: 'The certificates of a device, newest first; those that ended stay for 90 days (role administrator)',
  params: strict({ device }),
  response: answers(200, CertificateList, 'The certificates'),
}
const revokeRoute = {
  ...shared,
  operationId: 'revokeCertificate',
  summary: 'End a certificate; a connection that logged in with it is cut within a second (role administrator)',
  params: strict({ device, serial: Type.String({ maxLength: 40, examples: ['4A0B'] }) }),
  response: answers(200, strict({ revoked: Type.Literal(true) }), 'It opens nothing any more'),
}
const authorityRoute = {
  tags: ['devices'],
  operationId: 'certificateAuthority',
  summary: 'The certificate of the device CA; by it devices know the server, unless it has another',
  response: { 200: { description: 'PEM', content: { 'application/x-pem-file': { schema: Type.String() } } } },
}

/** Certificates of devices: issue and renew, list, revoke; the CA. */
export const certificates: Resource =
  ({ parts }) =>
  async (app) => {
    const desk = parts.certificates

    app.post('/devices/:device/certificates', { schema: issueRoute }, async (request, reply) => {
      const { days = 365, request: signing = null, overlap } = request.body
      const id = known(parts, request.params.device)
      const overlapMs = overlap === undefined ? null : durationOf(overlap, 'overlap', 0, longestOverlapMs)
      const issued = await desk.issue(id, { days, request: signing, overlapMs })
      if ('problem' in issued) throw new ApiProblem('invalid-request', `No certificate was made: ${issued.problem}.`)
      void reply.header('cache-control', 'no-store')
      return { ...issued, device: id, certificate: noteOf(issued.certificate) }
    })
    app.get('/devices/:device/certificates', { schema: listRoute }, async (request) => ({
      certificates: desk.of(known(parts, request.params.device)).map(noteOf),
    }))
    app.delete('/devices/:device/certificates/:serial', { schema: revokeRoute }, async (request) => {
      const id = known(parts, request.params.device)
      if ((await desk.revoke(id, request.params.serial)) > 0) return { revoked: true as const }
      throw new ApiProblem('not-found', `Device ${id} has no certificate ${request.params.serial} that is good.`)
    })
    app.get('/certificates/authority', { schema: authorityRoute }, async (_request, reply) => {
      const authority = desk.authority()
      if (authority === null)
        throw new ApiProblem('not-found', 'There is no device CA yet; it is made with the first certificate, or when tls.enabled is set.')
      return reply.type('application/x-pem-file').send(authority)
    })
  }

/** As it is shown with its device. */
export const noteOf = ({ serial, madeAt, from, until, revokedAt }: DeviceCertificate): CertificateNote => ({
  ...{ serial, madeAt },
  ...{ from, until, revokedAt },
})
