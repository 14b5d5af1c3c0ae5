import { createHash } from 'node:crypto'
import Type from 'typebox'
import { parseDuration } from '../domain/time.ts'
import type { Channel, ChannelKind, ChannelParts, Letter, Outcome } from './channel.ts'
import { ChannelInvalid } from './errors.ts'
import { commonSettings } from './log.ts'
import { post, resolveName, type Resolve } from './post.ts'
import { secretBytes, signatures } from './signature.ts'

const schema = Type.Object(
  {
    kind: Type.Literal('webhook', { description: 'A POST as in Standard Webhooks' }),
    ...commonSettings,
    url: Type.String({ description: 'https address of the receiver; http only with allowPrivate' }),
    secrets: Type.Array(Type.String(), {
      minItems: 1,
      maxItems: 2,
      description: 'whsec_ and the base64 of 24 to 64 bytes; two while the secret is being changed',
    }),
    timeout: Type.Optional(Type.String({ default: '15s', description: 'How long an answer may take' })),
    allowPrivate: Type.Optional(
      Type.Boolean({ default: false, description: 'The receiver may stand on this machine or in a private net' }),
    ),
  },
  { additionalProperties: false },
)

type WebhookSettings = Type.Static<typeof schema>

/** Posts each message, signed. 2xx is accepted, 410 shuts the channel, all else is tried again. */
export const webhookChannel: ChannelKind<typeof schema> = {
  kind: 'webhook',
  schema,
  create: (settings, parts) => createWebhook(settings, parts),
}

export function createWebhook(settings: WebhookSettings, { now }: Pick<ChannelParts, 'now'>, resolve: Resolve = resolveName): Channel {
  const { name, level = 'blue', simulated = false, allowPrivate = false } = settings
  const url = checkedUrl(settings)
  const secrets = settings.secrets.map((secret, place) => checkedSecret(name, secret, place))
  const timeoutMs = parseDuration(settings.timeout ?? '15s')
  if (timeoutMs === null || timeoutMs < 1)
    throw new ChannelInvalid(name, `timeout: ${JSON.stringify(settings.timeout)} is not a length of time; e.g. 15s`)

  const deliver = async ({ id, body }: Letter): Promise<Outcome> => {
    const timestamp = Math.floor(now() / 1000)
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Gaugekeeper',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures(secrets, id, timestamp, body),
    }
    try {
      const { status, retryAfter } = await post({ url, headers, body, timeoutMs, allowPrivate, resolve })
      return outcomeOf(status, retryAfter, now())
    } catch (error) {
      return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) }
    }
  }
  return { name, level, simulated, fingerprint: fingerprintOf(settings), deliver }
}

function outcomeOf(status: number, retryAfter: string | null, now: number): Outcome {
  const detail = `answered ${status}`
  if (status >= 200 && status < 300) return { kind: 'accepted', detail }
  if (status === 410) return { kind: 'gone', detail }
  if (status >= 300 && status < 400) return { kind: 'failed', detail: `${detail}; redirects are not followed, write the final address` }
  const afterMs = retryAfter === null ? null : retryAfterMs(retryAfter, now)
  return { kind: 'failed', detail, ...(afterMs !== null && { afterMs }) }
}

/** Retry-After (RFC 9110 §10.2.3): seconds or a date. Null when it is neither. */
function retryAfterMs(text: string, now: number): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

function checkedUrl({ name, url: text, allowPrivate = false }: WebhookSettings): URL {
  if (!URL.canParse(text)) throw new ChannelInvalid(name, `url: ${JSON.stringify(text)} is not an address; write https://…`)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw new ChannelInvalid(name, 'url: leave user and password out; messages are signed instead')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && allowPrivate)) return url
  throw new ChannelInvalid(
    name,
    `url: ${url.protocol} is not allowed; write https, or http with allowPrivate for a receiver in the own net`,
  )
}

function checkedSecret(name: string, secret: string, place: number): Buffer {
  const bytes = secretBytes(secret)
  if (bytes) return bytes
  const made = '`openssl rand -base64 32` makes one'
  throw new ChannelInvalid(name, `secrets[${place}]: write whsec_ and the base64 of 24 to 64 random bytes; ${made}`)
}

function fingerprintOf({ url, secrets }: WebhookSettings): string {
  return createHash('sha256')
    .update(JSON.stringify([url, secrets]))
    .digest('hex')
    .slice(0, 16)
}
