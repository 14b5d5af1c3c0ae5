import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { parse as parseYaml } from 'yaml'
import type { CapturedDelivery, DeliveriesTaken } from '../../api/schemas/run.ts'
import type { JournalledDelivery } from '../../domain/delivery.ts'
import { readCapture, type CapturedNetwork, type CaptureRecord } from '../../ingest/journal/capture.ts'
import type { NetworkFile } from '../../domain/network-schema.ts'
import { CommandError } from '../errors.ts'
import { account, counted, type ValueAccount } from '../commands/account.ts'
import type { ApiClient } from '../commands/client.ts'
import { nameOfRun } from '../run-name.ts'
import { servedDelivery, servedNetwork } from './served-capture.ts'

export interface CaptureReplayOrder {
  /** The capture. */
  source: AsyncIterable<Uint8Array>
  /** Name of the run here; null = as it was captured. */
  run: string | null
  /** An earlier run of that name is removed first; without it that is an error. */
  again?: boolean
  /** Hears under which name it begins, when another is in use. */
  tell: (line: string) => void
  /** Which network of the capture, by its id; null = the only one. */
  of: string | null
  /** Text of a network file to take instead of the captured one; null = the captured one. */
  network: string | null
  /** True: under ids of its own, so that it lives on a server beside what it replays (`servedNetwork`). */
  isBeside?: boolean
  /** Time of receipt against real time; `max` = as fast as it is taken. */
  speed: number | 'max'
  now: () => number
  sleep: (ms: number) => Promise<void>
  stopped: () => boolean
  onProgress: (deliveries: number, receivedAt: number) => void
}

export interface CaptureReplay {
  run: string
  /** Deliveries and ticks that were given to the run, and those of others. */
  accepted: number
  leftOut: number
  /** Deliveries that the journal had lost. */
  damaged: number
  account: ValueAccount
}

const batchSize = 500
/** Deliveries that were received within so long of each other go together. */
const batchMs = 50

/** Whether a file is a capture, not a folder or a CSV of readings: by its name, or by how it begins. */
export async function isCapture(place: string): Promise<boolean> {
  if (/\.(jsonl|ndjson)(\.gz)?$/.test(place)) return true
  try {
    for await (const chunk of openCapture(place)) return Buffer.from(chunk).toString().startsWith('{"capture":')
  } catch {
    // a folder, or nothing that can be read: whoever takes it for something else says so
  }
  return false
}

/**
 * Gives a capture to a server as a run, in its order, with the moments at which it was received; resolves when everything has been carried.
 * Rejects with CaptureInvalid, or a CommandError when the capture has no network of that name.
 */
export async function replayCapture(client: ApiClient, order: CaptureReplayOrder): Promise<CaptureReplay> {
  const records = readCapture(order.source)
  const first = await records.next()
  const chosen = chosenNetwork(first.done ? [] : (first.value.networks ?? []), order.of)
  const written: unknown = order.network === null ? chosen.network : parseYaml(order.network)
  const run = await nameOfRun(client, order.run ?? chosen.run ?? 'capture', order)
  const isBeside = order.isBeside ?? false
  const network: unknown = isBeside ? servedNetwork(written as NetworkFile, run) : written
  await client.send('POST', '/api/v1/runs', { run, network, clock: 'run' })
  const before = await counted(client, run)
  const clockTopic = chosen.run === null ? 'wall' : `run/${chosen.run}`
  const done = { run, accepted: 0, leftOut: 0, damaged: 0 }
  const wait = paceOf(order)
  for await (const batch of batchesOf(records, (damaged) => (done.damaged += damaged))) {
    if (order.stopped()) break
    const receivedAt = batch[0]?.receivedAt ?? 0
    await wait(receivedAt)
    const own = batch.filter(({ source, topic }) => (source === 'tick' ? topic === clockTopic : source !== 'correction'))
    const taken = await client.send<DeliveriesTaken>('POST', `/api/v1/runs/${run}/deliveries`, {
      deliveries: own.map((delivery) => lineOf(isBeside ? servedDelivery(delivery, run) : delivery)),
    })
    done.accepted += taken.accepted
    done.leftOut += taken.leftOut + batch.length - own.length
    order.onProgress(done.accepted + done.leftOut, receivedAt)
  }
  return { ...done, account: await account(client, run, 0, before) }
}

/** The bytes of a capture file; one that ends in `.gz` is compressed. */
export function openCapture(file: string): AsyncIterable<Uint8Array> {
  const bytes = createReadStream(file)
  // what keeps the file from being read is told to whoever reads what comes out
  return file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes
}

function chosenNetwork(networks: readonly CapturedNetwork[], of: string | null): CapturedNetwork {
  const ids = networks.map(({ network }) => (network as { network: { id: string } }).network.id)
  const found = of === null && networks.length === 1 ? networks[0] : networks[ids.indexOf(of ?? '')]
  if (found) return found
  const names = ids.join(', ')
  const why = of === null ? `it holds ${names || 'no network'}; name one with --of` : `it has no network ${of}; it holds ${names || 'none'}`
  throw new CommandError('config-invalid', `reading the capture: ${why}`, 2)
}

function paceOf({ speed, now, sleep }: CaptureReplayOrder): (receivedAt: number) => Promise<void> {
  if (speed === 'max') return () => Promise.resolve()
  const begun = now()
  let firstAt: number | null = null
  return async (receivedAt) => {
    firstAt ??= receivedAt
    const ms = begun + (receivedAt - firstAt) / speed - now()
    if (ms > 1) await sleep(ms)
  }
}

async function* batchesOf(records: AsyncIterable<CaptureRecord>, onDamaged: (count: number) => void): AsyncGenerator<JournalledDelivery[]> {
  let batch: JournalledDelivery[] = []
  for await (const { delivery, damaged } of records) {
    if (damaged) onDamaged(damaged.last - damaged.first + 1)
    if (!delivery) continue
    const [first] = batch
    if (first && (batch.length === batchSize || delivery.receivedAt - first.receivedAt > batchMs)) {
      yield batch
      batch = []
    }
    batch.push(delivery)
  }
  if (batch.length > 0) yield batch
}

const lineOf = ({ receivedAt, source, device, topic, payload }: JournalledDelivery): CapturedDelivery => ({
  ...{ receivedAt, source: source as CapturedDelivery['source'], device, topic },
  base64: Buffer.from(payload).toString('base64'),
})
