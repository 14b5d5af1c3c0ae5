import Type from 'typebox'
import { deviceId } from '../../domain/ids.ts'
import { rejectionReasons } from '../../domain/rejection.ts'
import type { QuarantineEntry } from '../../store/ports/ledger.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { QuarantineList, type QuarantineNote } from '../schemas/quarantine.ts'

const route = {
  operationId: 'quarantine',
  tags: ['quarantine'],
  summary: 'What was received, acknowledged and put aside, with its bytes and the reason; newest first',
  security: security.reader,
  querystring: strict({
    device: asked.text('Only of this device', 'rtu-0017'),
    reason: Type.Optional(Type.Enum([...rejectionReasons], { description: 'Only for this reason', examples: ['not-json'] })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'next of the page before', examples: [1000] })),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50, examples: [50] }),
  }),
  response: answers(200, QuarantineList, 'A page of entries'),
}

/** Quarantine: list. */
export const quarantine: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.get('/quarantine', { schema: route }, async (request) => {
      const { device, reason, before, limit } = request.query
      const sight = await access.sight(request)
      const found = await parts.store.ledger.quarantine({
        limit,
        ...(device !== undefined && { device: deviceId(device) }),
        ...(reason !== undefined && { reason }),
        ...(before !== undefined && { before }),
      })
      // a device that is in no network any more counts as a real one
      const seen = found.filter((entry) => sight.sees(parts.fleet().devices.get(entry.device)?.run ?? null))
      return { entries: seen.map(quarantineNote), next: found.length === limit ? (found.at(-1)?.id ?? null) : null }
    })
  }

const utf8 = new TextDecoder('utf-8', { fatal: true })

function quarantineNote(entry: QuarantineEntry): QuarantineNote {
  const { id, device, delivery, receivedAt, topic, reason, detail, values, item, payload } = entry
  const bytes = Buffer.from(payload)
  const shown = { bytes: bytes.length, base64: bytes.toString('base64'), text: textOf(payload) }
  return { id, device, delivery, receivedAt, topic, reason, detail, values, item, payload: shown }
}

function textOf(payload: Uint8Array): string | null {
  try {
    return utf8.decode(payload)
  } catch {
    return null
  }
}
