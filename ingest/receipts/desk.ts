import type { DeviceId } from '../../domain/ids.ts'
import type { Receipt } from '../../domain/receipt.ts'

interface DeskParts {
  timers: { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: unknown) => void }
}

/** Receipts for those who ask rather than listen: devices that deliver over HTTP. */
export interface ReceiptDesk {
  /** Called before a delivery of the device is accepted, so that its receipt is made. */
  expect(device: DeviceId): void
  /** Whether the device is among the last 10,000 that asked. */
  wants(device: DeviceId): boolean
  /** Keeps a receipt, among the last 2,000, and hands it to who waits for it. */
  offer(device: DeviceId, receipt: Receipt): void
  /** Resolves with the receipt of a delivery, or with null when it is not there in time or more than 1,000 wait already. Never rejects. */
  wait(delivery: number, ms: number): Promise<Receipt | null>
  /** The receipt of a delivery of this device, while it is kept. */
  find(device: DeviceId, delivery: number): Receipt | null
}

const [mostDevices, mostReceipts, mostWaiting] = [10_000, 2_000, 1_000]

export function createReceiptDesk({ timers }: DeskParts): ReceiptDesk {
  const devices = new Set<DeviceId>()
  const kept = new Map<number, { device: DeviceId; receipt: Receipt }>()
  const waiting = new Map<number, (receipt: Receipt | null) => void>()

  return {
    expect(device) {
      devices.delete(device)
      devices.add(device)
      bound(devices, mostDevices)
    },
    wants: (device) => devices.has(device),
    offer(device, receipt) {
      if (!devices.has(device)) return
      kept.set(receipt.delivery, { device, receipt })
      bound(kept, mostReceipts)
      waiting.get(receipt.delivery)?.(receipt)
    },
    wait(delivery, ms) {
      const here = kept.get(delivery)
      if (here !== undefined || waiting.size >= mostWaiting) return Promise.resolve(here?.receipt ?? null)
      return new Promise((resolve) => {
        const late = timers.setTimeout(() => answer(null), ms)
        const answer = (receipt: Receipt | null): void => {
          timers.clearTimeout(late)
          waiting.delete(delivery)
          resolve(receipt)
        }
        waiting.set(delivery, answer)
      })
    },
    find(device, delivery) {
      const found = kept.get(delivery)
      return found?.device === device ? found.receipt : null
    },
  }
}

/** Lets the eldest go. */
function bound(all: Set<DeviceId> | Map<number, unknown>, most: number): void {
  for (const [eldest] of all.entries()) {
    if (all.size <= most) return
    ;(all as Set<unknown>).delete(eldest)
  }
}
