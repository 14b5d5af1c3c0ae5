import { isUtf8 } from 'node:buffer'
import type { Delivery, JournalledDelivery } from '../../domain/delivery.ts'
import { deviceId } from '../../domain/ids.ts'
import type { Journal } from '../ports.ts'
import { CaptureInvalid } from './errors.ts'
import type { NumberRange } from './marks.ts'

/**
 * A capture is a piece of the journal as a file, for replay elsewhere and for looking at: UTF-8, one JSON object a line.
 *
 * ```
 * {"capture":1,"first":1,"last":4,"networks":[{"run":"storm-1","network":{...}}]}
 * {"number":1,"receivedAt":1795313700000,"source":"mqtt","device":"rtu-0017","topic":"devices/rtu-0017/readings","text":"{\"seq\":1042,...}"}
 * {"number":2,"receivedAt":1795313700004,"source":"mqtt","device":"rtu-0018","topic":"devices/rtu-0018/senml","base64":"gaMAY3Jh..."}
 * {"damaged":[3,4]}
 * ```
 *
 * A payload that is UTF-8 stands in `text`, any other in `base64`; both give back the very bytes. `damaged` names numbers that the journal
 * has lost. `networks` are the contents of the network files whose devices it is of; run null = the real fleet.
 */
export const captureFormat = 1

/** A network of a capture: the content of its file. */
export interface CapturedNetwork {
  run: string | null
  network: unknown
}

/** First the networks, then deliveries and what is lost, in the order of their numbers. */
export type CaptureRecord =
  | { delivery: JournalledDelivery; damaged?: undefined; networks?: undefined }
  | { delivery?: undefined; damaged: NumberRange; networks?: undefined }
  | { delivery?: undefined; damaged?: undefined; networks: CapturedNetwork[] }

export interface CaptureOrder {
  /** Numbers, both included, as far as the journal has them. */
  from: number
  to: number
  networks: readonly CapturedNetwork[]
  /** Only these; absent = all. */
  takes?: (delivery: JournalledDelivery) => boolean
}

const batchSize = 1_000
const sources: readonly string[] = ['mqtt', 'http', 'hj212', 'sl651', 'szy206', 'tick', 'correction'] satisfies Delivery['source'][]

/** Writes the deliveries of a range of numbers. */
export async function* exportCapture(
  journal: Pick<Journal, 'read'>,
  { from, to, networks, takes = () => true }: CaptureOrder,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify({ capture: captureFormat, first: from, last: to, networks })}\n`)
  for (let after = from - 1; after < to;) {
    const batch = await journal.read(after, Math.min(batchSize, to - after))
    if (batch === null) return
    const records: { number: number; line: string }[] = [
      ...batch.damaged
        .filter((range) => range.first <= to)
        .map(({ first, last }) => ({ number: first, line: JSON.stringify({ damaged: [first, Math.min(last, to)] }) })),
      ...batch.deliveries
        .filter((delivery) => delivery.number <= to && takes(delivery))
        .map((delivery) => ({ number: delivery.number, line: JSON.stringify(lineOf(delivery)) })),
    ]
    records.sort((a, b) => a.number - b.number)
    if (records.length > 0) yield Buffer.from(`${records.map((record) => record.line).join('\n')}\n`)
    after = batch.cursor
  }
}

function lineOf({ number, receivedAt, source, device, topic, payload }: JournalledDelivery) {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const body = isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') }
  return { number, receivedAt, source, device, topic, ...body }
}

/** Reads a capture in order. Throws CaptureInvalid with the line's number at the first line that is none of a capture. */
export async function* readCapture(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<CaptureRecord> {
  let at = 0
  for await (const line of linesOf(stream)) {
    at++
    if (line.trim() === '') continue
    const parsed = parse(line, at)
    if (at === 1) yield { networks: networksOf(checkFormat(parsed)) }
    else yield recordOf(parsed, at)
  }
  if (at === 0) throw new CaptureInvalid('reading a capture: it is empty; a capture begins with {"capture":1}')
}

async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function parse(line: string, at: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw new CaptureInvalid(`reading line ${at} of a capture: it is not JSON; the file may be cut off`, { cause })
  }
  throw new CaptureInvalid(`reading line ${at} of a capture: it is not an object`)
}

function checkFormat(header: Record<string, unknown>): Record<string, unknown> {
  if (header['capture'] === captureFormat) return header
  throw new CaptureInvalid(
    typeof header['capture'] === 'number'
      ? `reading a capture: its format is ${header['capture']}, this release knows ${captureFormat}; use a newer one`
      : 'reading a capture: line 1 is not {"capture":1}; the file is something else',
  )
}

/** A capture of an earlier release names none. */
function networksOf({ networks }: Record<string, unknown>): CapturedNetwork[] {
  if (networks === undefined) return []
  const isNetwork = (one: unknown): one is CapturedNetwork =>
    typeof one === 'object' && one !== null && 'network' in one && 'run' in one && (one.run === null || typeof one.run === 'string')
  if (Array.isArray(networks) && networks.every(isNetwork)) return networks
  throw new CaptureInvalid('reading line 1 of a capture: its networks are none')
}

function recordOf(line: Record<string, unknown>, at: number): CaptureRecord {
  const { damaged, number, receivedAt, source, device, topic, text, base64 } = line
  if (Array.isArray(damaged) && typeof damaged[0] === 'number' && typeof damaged[1] === 'number') {
    return { damaged: { first: damaged[0], last: damaged[1] } }
  }
  const known = typeof source === 'string' && sources.includes(source)
  if (!known || typeof number !== 'number' || typeof receivedAt !== 'number' || typeof device !== 'string' || typeof topic !== 'string') {
    throw new CaptureInvalid(`reading line ${at} of a capture: number, receivedAt, source, device or topic is missing or of another type`)
  }
  if (typeof text !== 'string' && typeof base64 !== 'string') {
    throw new CaptureInvalid(`reading line ${at} of a capture: it has neither text nor base64`)
  }
  const payload = typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(String(base64), 'base64')
  return { delivery: { device: deviceId(device), source: source as Delivery['source'], topic, payload, receivedAt, number } }
}
