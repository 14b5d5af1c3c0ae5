import { deviceId, runId, type DeviceId, type RunId, type SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { shapes } from './schema.ts'
import type { TableShape } from './feed.ts'
import type { Cell, Session } from './session.ts'

/** A series with its number in the file and its newest observation. */
export interface SeriesEntry {
  id: number
  name: SensorId
  latest: Observation | null
}

/** Who sent a row: a device, in a run or for real. */
export interface Source {
  id: number
  device: DeviceId
  run: RunId | null
}

/** Words of the rows as small numbers. Words met for the first time are written in the transaction that uses them. */
export interface Dictionary {
  series: SeriesWords
  sources: SourceWords
  bases: DeliveryBases
  /** Writes the words not yet in the file, inside the running transaction. */
  write(session: Session): Promise<void>
  /** The transaction was made: what `write` wrote is in the file. */
  written(): void
}

export async function loadDictionary(session: Session): Promise<Dictionary> {
  const unwritten = {
    series: createUnwritten(shapes.series),
    source: createUnwritten(shapes.source),
    base: createUnwritten(shapes.deliveryBase),
  }
  const all = Object.values(unwritten)
  return {
    series: await loadSeries(session, unwritten.series),
    sources: await loadSources(session, unwritten.source),
    bases: await loadBases(session, unwritten.base),
    write: async (session) => {
      for (const one of all) await one.write(session)
    },
    written: () => all.forEach((one) => one.written()),
  }
}

export interface SeriesWords {
  /** The entry of a series, made when there is none. Only inside a transaction. */
  of(name: SensorId): SeriesEntry
  known(name: SensorId): SeriesEntry | undefined
  byId(id: number): SeriesEntry
  all(): readonly SeriesEntry[]
}

async function loadSeries(session: Session, unwritten: Unwritten): Promise<SeriesWords> {
  const entries: SeriesEntry[] = []
  const byName = new Map<SensorId, SeriesEntry>()
  const add = (name: SensorId): SeriesEntry => {
    const entry = { id: entries.length, name, latest: null }
    entries.push(entry)
    byName.set(name, entry)
    return entry
  }
  for (const [name] of await session.rows('SELECT name FROM series ORDER BY id')) add(String(name) as SensorId)
  return {
    of: (name) => {
      const known = byName.get(name)
      if (known !== undefined) return known
      const entry = add(name)
      unwritten.add([entry.id, name])
      return entry
    },
    known: (name) => byName.get(name),
    byId: (id) => word(entries, id),
    all: () => entries,
  }
}

export interface SourceWords {
  /** The number of a device in a run, made when there is none. Only inside a transaction. */
  of(device: DeviceId, run: RunId | null): number
  /** Some number of a device, in whatever run, made when there is none. Only inside a transaction. */
  ofDevice(device: DeviceId): number
  byId(id: number): Source
  ofRun(run: RunId): number[]
}

async function loadSources(session: Session, unwritten: Unwritten): Promise<SourceWords> {
  const entries: Source[] = []
  const byDevice = new Map<DeviceId, Source[]>()
  const add = (device: DeviceId, run: RunId | null): Source => {
    const source = { id: entries.length, device, run }
    entries.push(source)
    const known = byDevice.get(device)
    if (known === undefined) byDevice.set(device, [source])
    else known.push(source)
    return source
  }
  for (const [device, run] of await session.rows('SELECT device, run FROM source ORDER BY id'))
    add(deviceId(String(device)), run === null ? null : runId(String(run)))

  // Rows of one delivery stand together: most lookups ask what the one before asked.
  let last: Source | undefined
  const make = (device: DeviceId, run: RunId | null): Source => {
    const source = add(device, run)
    unwritten.add([source.id, device, run])
    return source
  }
  return {
    of: (device, run) => {
      if (last !== undefined && last.device === device && last.run === run) return last.id
      last = byDevice.get(device)?.find((source) => source.run === run) ?? make(device, run)
      return last.id
    },
    ofDevice: (device) => (byDevice.get(device)?.[0] ?? make(device, null)).id,
    byId: (id) => word(entries, id),
    ofRun: (run) => entries.filter((source) => source.run === run).map((source) => source.id),
  }
}

/**
 * A delivery's number is kept as its distance from a base: the first number met among those received in the same ten minutes.
 * Small distances pack to half the bytes of the numbers themselves.
 */
export interface DeliveryBases {
  /** The base for a delivery, made when there is none. Only inside a transaction. */
  of(receivedAt: number, delivery: number): number
  byTime(receivedAt: number): number
}

const bucketMs = 600_000

async function loadBases(session: Session, unwritten: Unwritten): Promise<DeliveryBases> {
  const bases = new Map<number, number>()
  for (const [bucket, delivery] of await session.rows('SELECT bucket, delivery FROM delivery_base'))
    bases.set(Number(bucket), Number(delivery))
  let [lastBucket, lastBase] = [NaN, 0]
  return {
    of: (receivedAt, delivery) => {
      const bucket = Math.floor(receivedAt / bucketMs)
      if (bucket === lastBucket) return lastBase
      let base = bases.get(bucket)
      if (base === undefined) {
        base = delivery
        bases.set(bucket, base)
        unwritten.add([bucket, base])
      }
      lastBucket = bucket
      lastBase = base
      return base
    },
    byTime: (receivedAt) => bases.get(Math.floor(receivedAt / bucketMs)) ?? 0,
  }
}

/** Rows of a table that are not yet in the file; a transaction that fails leaves them to the next one. */
interface Unwritten {
  add(row: readonly Cell[]): void
  write(session: Session): Promise<void>
  written(): void
}

function createUnwritten(shape: TableShape): Unwritten {
  let rows: (readonly Cell[])[] = []
  return {
    add: (row) => void rows.push(row),
    write: (session) =>
      session.append(
        shape,
        shape.types.map((_, column) => rows.map((row) => row[column] ?? null)),
      ),
    written: () => {
      if (rows.length > 0) rows = []
    },
  }
}

function word<Item>(list: readonly Item[], id: number): Item {
  const found = list[id]
  if (found === undefined) throw new Error(`reading rows: number ${id} stands for nothing in the file`)
  return found
}
