import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { readingTopics } from '../../domain/delivery.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem, LoginRefused } from '../errors.ts'
import { Receipt } from '../../domain/receipt.ts'
import { DeliveryReceipt } from '../schemas/delivery.ts'

/** As over MQTT: 256 kB a packet. */
const bodyLimit = 262_144
/** As long as an answer may wait for its receipt. */
const patienceMs = 10_000

const route = {
  operationId: 'deliver',
  tags: ['deliveries'],
  summary: 'Send readings with a device login (Basic device:secret, or Bearer device:secret); the same payloads as over MQTT',
  description:
    'Answered with 202 after the bytes are in the journal and on disk. They are decoded and judged afterwards: with wait=receipt the answer ' +
    'is the receipt (200), which says what became of each value; when it is not there within 10 s, it is 202 all the same. The same ' +
    'delivery sent again is stored once.',
  security: security.device,
  querystring: strict({
    format: Type.Enum(['native', 'senml', 'telemetry'], {
      default: 'native',
      description:
        'native: the JSON of devices/{device}/readings; senml: a SenML pack, JSON or CBOR; telemetry: that of v1/devices/me/telemetry',
      examples: ['native'],
    }),
    wait: Type.Optional(Type.Enum(['receipt'], { description: 'Answer with the receipt, within 10 s', examples: ['receipt'] })),
  }),
  body: Type.Unsafe<Buffer>({
    description: 'Readings as JSON (SenML: or CBOR), at most 256 kB',
    examples: [{ seq: 1042, at: '2026-03-01T02:15:00+08:00', values: { water_level: 3.42, rainfall: 0.2 } }],
  }),
  response: {
    ...answers(200, Receipt, 'What became of it (wait=receipt)'),
    ...answers(202, DeliveryReceipt, 'The bytes are on disk'),
  },
}

const receiptRoute = {
  operationId: 'deliveryReceipt',
  tags: ['deliveries'],
  summary: 'What became of a delivery that this device sent over HTTP; the last 2,000 of all devices are kept, until a restart',
  security: security.device,
  params: strict({ delivery: Type.Integer({ minimum: 1, description: 'The number that the answer to it gave', examples: [90412] }) }),
  response: answers(200, Receipt, 'The receipt'),
}

/** Readings of devices that speak HTTP, and their receipts. */
export const deliveries: Resource =
  ({ parts, connections }) =>
  async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?(?:json|cbor)\b/, { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    )

    const identify = async (request: FastifyRequest): Promise<DeviceId> => {
      const { name, secret } = credentialOf(request.headers.authorization)
      const identity = await parts.identify(name, Buffer.from(secret, 'utf8'))
      if (identity?.role !== 'device')
        throw new LoginRefused(name, `The device or its secret is not known here. ${howToMakeOne}`, challenge)
      connections.judged(request.raw)
      return identity.device
    }

    // login and rate are checked before the body is read; what was found waits here for the handler
    const senders = new WeakMap<FastifyRequest, DeviceId>()
    app.addHook('onRequest', async (request) => void senders.set(request, await identify(request)))
    const inTurn = async (request: FastifyRequest): Promise<void> => {
      const device = senders.get(request)
      if (device !== undefined && !parts.takeTurn(device)) throw tooFast()
    }
    app.post('/deliveries', { schema: route, config: { rateLimit: false }, bodyLimit, onRequest: inTurn }, async (request, reply) => {
      const device = senders.get(request)
      if (device === undefined) throw loginNeeded()
      const payload = request.body
      if (payload.length === 0) throw new ApiProblem('invalid-request', 'The body is empty; send readings as JSON.')
      const topic = topicOf[request.query.format](device)
      const receivedAt = parts.now()
      parts.receipts.expect(device)
      const delivery = await parts.accept({ device, source: 'http', topic, payload, receivedAt })
      const receipt = request.query.wait === 'receipt' ? await parts.receipts.wait(delivery, patienceMs) : null
      if (receipt !== null) return reply.code(200).send(receipt)
      return reply.code(202).send({ accepted: true as const, delivery, receivedAt, bytes: payload.length })
    })

    app.get('/deliveries/:delivery/receipt', { schema: receiptRoute }, (request) => {
      const device = senders.get(request)
      const { delivery } = request.params
      const found = device === undefined ? null : parts.receipts.find(device, delivery)
      if (found === null)
        throw new ApiProblem('not-found', `There is no receipt of delivery ${delivery} of this device (any more, or yet).`)
      return found
    })
  }

/** The MQTT topic that carries the same payload. */
const topicOf = {
  native: (device: DeviceId) => `devices/${device}/readings`,
  senml: (device: DeviceId) => `devices/${device}/senml`,
  telemetry: () => readingTopics.telemetry,
}

/** Basic (RFC 7617) or Bearer `device:secret`; a Bearer without a colon is a secret alone. */
function credentialOf(header: string | undefined): { name: string; secret: string } {
  const [, scheme, value] = /^(Basic|Bearer) ([\x21-\x7e]{1,1024})$/i.exec(header ?? '') ?? []
  if (scheme === undefined || value === undefined) throw loginNeeded()
  const text = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : value
  const colon = text.indexOf(':')
  return { name: text.slice(0, Math.max(0, colon)), secret: text.slice(colon + 1) }
}

const challenge = { 'www-authenticate': 'Basic realm="gaugekeeper devices"' }
const howToMakeOne = 'A new secret is made with POST /api/v1/devices/{device}/secret.'

const tooFast = (): ApiProblem =>
  new ApiProblem('too-many', 'This device sends faster than it may, over HTTP and MQTT together; nothing of this delivery was kept.', {
    headers: { 'retry-after': '1' },
  })

const loginNeeded = (): ApiProblem =>
  new ApiProblem('login-needed', `A device login is needed: Basic or Bearer device:secret. ${howToMakeOne}`, { headers: challenge })
