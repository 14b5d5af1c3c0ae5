import type { DeviceId } from './ids.ts'

/** Bytes as a device sent them. What is journalled before anybody is acknowledged. */
export interface Delivery {
  /** The login that sent it; for a tick, the clock's own name; for a correction, the person's. */
  device: DeviceId
  /** The wire; `tick` is a reading of our own clock, `correction` a person's change, both journalled so that a re-run has them too. */
  source: 'mqtt' | 'http' | 'hj212' | 'sl651' | 'szy206' | 'tick' | 'correction'
  /** MQTT topic as published, or the protocol's message name. */
  topic: string
  payload: Uint8Array
  /** When we had it, epoch ms UTC. */
  receivedAt: number
}

/** A delivery with its place in the journal: first number of its block + index; grows by one a delivery, never reused. */
export interface JournalledDelivery extends Delivery {
  number: number
}

/** Resolves when the raw bytes are on disk (one fdatasync serves all that wait). Rejects with JournalFull: then nobody is acknowledged. */
export type Accept = (delivery: Delivery) => Promise<void>

/** Where a device hears what became of its deliveries. */
export const receiptsTopic = (device: DeviceId): string => `devices/${device}/receipts`

/** The topics on which a device may send readings; what else it publishes is journalled but holds no values. */
export const readingTopics = {
  native: /^devices\/[^/]+\/readings$/,
  senml: /^devices\/[^/]+\/senml$/,
  telemetry: 'v1/devices/me/telemetry',
} as const
