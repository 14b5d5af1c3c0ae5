import type { Broker } from '../../broker/port.ts'
import { receiptsTopic } from '../../domain/delivery.ts'
import { fieldCodecs } from '../../gateways/registry.ts'
import { createCodecOf } from '../../ingest/codecs/registry.ts'
import { createReceiptDesk, type ReceiptDesk } from '../../ingest/receipts/desk.ts'
import { createReceipts, type ReceiptParts, type Receipts } from '../../ingest/receipts/receipts.ts'
import type { Foundation } from './foundation.ts'

/**
 * Receipts to devices that listen on `devices/{device}/receipts`, and to those that asked over HTTP. For others none are made. `stored`: see
 * `ReceiptParts`.
 */
export function connectReceipts(
  { store, networks, world, log, life }: Foundation,
  broker: Broker,
  stored: ReceiptParts['stored'],
): { receipts: Receipts; desk: ReceiptDesk } {
  const desk = createReceiptDesk({ timers: world.timers })
  const receipts = createReceipts({
    ledger: store.ledger,
    stored,
    fleet: networks.fleet,
    codecOf: createCodecOf(fieldCodecs),
    wants: (device) => broker.listens(receiptsTopic(device)) || desk.wants(device),
    send(device, receipt) {
      broker.publish(receiptsTopic(device), JSON.stringify(receipt))
      desk.offer(device, receipt)
    },
    onError: (err) => log.warn({ err }, 'reading the numbers of a device; its receipts go out without contiguousSeq'),
  })
  life.onStop('receipts', () => receipts.settled())
  return { receipts, desk }
}
