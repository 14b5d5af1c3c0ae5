import Type from 'typebox'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import { durationOf } from '../asked.ts'
import { noteBecame } from '../audited.ts'
import { addressKey, createAttempts } from '../../domain/attempts.ts'
import type { Resource } from '../context.ts'
import { sendCsv, csvLines } from '../csv.ts'
import { answers, asked, security, strict, wantsCsv } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import type { ApiParts, DeviceProblem } from '../parts.ts'
import {
  AddedDevices,
  ClaimAttempt,
  ClaimCode,
  ClaimRequest,
  DeviceDeclaration,
  DeviceKept,
  DeviceRows,
  DeviceSecret,
} from '../schemas/device.ts'

/** Wrong codes a minute from one address. */
const badClaims = 5
const longestOverlapMs = 90 * 86_400_000

const params = strict({ device: Type.String({ maxLength: 100, examples: ['rtu-0017'] }) })
const shared = { tags: ['devices'], security: security.person }

const addRoute = {
  ...shared,
  operationId: 'addDevices',
  summary: 'Add many devices at once, each with its secret; a bad row has its problem, the others are added (role administrator)',
  querystring: strict({ format: asked.format() }),
  body: DeviceRows,
  response: answers(200, AddedDevices, 'One row for each, in their order; JSON, or CSV with the columns device, secret, problem'),
}
const putRoute = {
  ...shared,
  operationId: 'putDevice',
  summary: 'Add a device that no file declares, or change it (role administrator)',
  params,
  body: DeviceDeclaration,
  response: answers(200, DeviceKept, 'The device is kept; a new one has its secret'),
}
const removeRoute = {
  ...shared,
  operationId: 'removeDevice',
  summary: 'Take a device away that no file declares; its login ends, its readings stay (role administrator)',
  params,
  response: answers(200, strict({ removed: Type.Literal(true) }), 'It is gone'),
}
const secretRoute = {
  ...shared,
  operationId: 'deviceSecret',
  summary: 'Make a new secret for a device; the one before ends, at once or after an overlap. It is shown this once (role administrator)',
  params,
  querystring: strict({
    overlap: asked.text('How long the secret before stays good, at most 90d; it ends 5 min after the new one was first used', '24h'),
  }),
  response: answers(200, DeviceSecret, 'The secret'),
}
const revokeRoute = {
  ...shared,
  operationId: 'revokeDevice',
  summary:
    'End the login of a device, its secret and all its certificates; its live connection is cut within a second (role administrator)',
  params,
  response: answers(200, strict({ revoked: Type.Literal(true) }), 'It has neither a secret nor a certificate any more'),
}
const openRoute = {
  ...shared,
  operationId: 'openClaims',
  summary: 'Open a claim window: for some minutes each device gets its own secret, once, for the code (role administrator)',
  body: ClaimRequest,
  response: answers(200, ClaimCode, 'The code, shown this once'),
}
const claimRoute = {
  tags: ['devices'],
  operationId: 'claimDevice',
  summary: "Get a device's own secret for the code of an open claim window, once",
  params,
  body: ClaimAttempt,
  response: answers(200, DeviceSecret, 'The secret, shown this once'),
}

/** Provisioning: add, change, remove, new secret, revoke, claim. */
export const provisioning: Resource =
  ({ parts }) =>
  async (app) => {
    const { deviceDesk, credentials, certificates, claims } = parts
    const wrongCodes = createAttempts({ now: parts.now, allowed: badClaims, windowMs: 60_000 })

    // ten thousand rows are about a megabyte
    app.post('/devices', { schema: addRoute, bodyLimit: 16 * 1_048_576 }, async (request, reply) => {
      const rows = await deviceDesk.add(request.body.devices)
      noteBecame(request, `${rows.filter(({ problem }) => problem === null).length} of ${rows.length} added`)
      void reply.header('cache-control', 'no-store')
      const shown = rows.map(({ device, secret, problem }) => ({ device, secret, problem: problem?.message ?? null }))
      if (!wantsCsv(request.query.format, request.headers.accept)) return { devices: shown }
      const lines = shown.map(({ device, secret, problem }) => [device, secret, problem])
      return sendCsv(reply, 'devices', csvLines([['device', 'secret', 'problem'], ...lines]))
    })
    app.put('/devices/:device', { schema: putRoute }, async (request, reply) => {
      const { device } = request.params
      const kept = await deviceDesk.put(deviceId(device), request.body)
      if ('problem' in kept) throw refusedBy(kept.problem)
      return reply.header('cache-control', 'no-store').send({ device, created: kept.created, secret: kept.secret })
    })
    app.delete('/devices/:device', { schema: removeRoute }, async (request) => {
      const problem = await deviceDesk.remove(deviceId(request.params.device))
      if (problem) throw refusedBy(problem)
      return { removed: true as const }
    })
    app.post('/devices/:device/secret', { schema: secretRoute }, async (request, reply) => {
      const { overlap } = request.query
      const overlapMs = overlap === undefined ? 0 : durationOf(overlap, 'overlap', 1, longestOverlapMs)
      const [issued] = await credentials.issue([known(parts, request.params.device)], { overlapMs })
      if (!issued) throw new ApiProblem('internal', `making a secret for device ${request.params.device}: none was made`)
      return reply.header('cache-control', 'no-store').send({ device: issued.device, secret: issued.secret })
    })
    app.post('/devices/:device/revoke', { schema: revokeRoute }, async (request) => {
      const device = known(parts, request.params.device)
      const ended = [await credentials.revoke(device), (await certificates.revoke(device)) > 0]
      if (!ended.includes(true)) throw new ApiProblem('not-found', `Device ${device} has neither a secret nor a certificate.`)
      return { revoked: true as const }
    })
    app.post('/claims', { schema: openRoute }, async (request, reply) => {
      const named = request.body.devices?.map((name) => known(parts, name)) ?? null
      const { code, until } = claims.open(request.body.minutes, named)
      return reply.header('cache-control', 'no-store').send({ code, until })
    })
    app.post('/devices/:device/claim', { schema: claimRoute }, async (request, reply) => {
      const attempt = wrongCodes.begin(addressKey(request.ip))
      if (attempt.waitMs > 0)
        throw new ApiProblem('too-many', 'Too many wrong codes from this address; wait a minute.', {
          headers: { 'retry-after': String(Math.ceil(attempt.waitMs / 1000)) },
        })
      const secret = await claims.claim(request.params.device, request.body.code)
      attempt.forgive()
      return reply.header('cache-control', 'no-store').send({ device: request.params.device, secret })
    })
  }

/** The real or simulated device of that name. Throws not-found with the nearest one. */
export function known(parts: Pick<ApiParts, 'fleet'>, name: string): DeviceId {
  const { devices } = parts.fleet()
  const id = deviceId(name)
  if (devices.has(id)) return id
  throw new ApiProblem('not-found', `There is no device ${JSON.stringify(name)}${hint(name, devices.keys())}.`)
}

const codes = { declared: 'declared-in-file', there: 'conflict', unknown: 'not-found', wrong: 'invalid-request' } as const

const refusedBy = ({ kind, message }: DeviceProblem): ApiProblem => new ApiProblem(codes[kind], message)
