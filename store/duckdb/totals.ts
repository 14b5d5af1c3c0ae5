import { deviceId, type DeviceId } from '../../domain/ids.ts'
import type { DeviceCount } from '../ports/ledger.ts'
import type { Dictionary } from './dictionary.ts'
import { shapes } from './schema.ts'
import type { Session } from './session.ts'

/**
 * Totals by device: kept in memory, in the file as a last stand (`device_total`) and what each commit added since (`count_log`), which is
 * folded into the stand when it has grown.
 */
export interface Totals {
  /** Writes what a commit adds, inside its transaction; folds first when the log has grown to `foldBytes`. */
  write(session: Session, commit: number, counts: readonly DeviceCount[]): Promise<void>
  /** The transaction was made. */
  written(counts: readonly DeviceCount[]): void
  /** Folds the log now, inside a transaction; `folded` when it was made. */
  fold(session: Session): Promise<void>
  folded(): void
  list(): DeviceCount[]
}

const foldBytes = 4_000_000

/** Bytes of one device in a commit: six 32-bit figures, its number, and the time as a float. */
const countBytes = 36

const figures = ['received', 'stored', 'versions', 'duplicate', 'quarantined', 'late'] as const

export async function loadTotals(session: Session, words: Dictionary): Promise<Totals> {
  const totals = new Map<DeviceId, DeviceCount>()
  for (const [, text] of await session.rows('SELECT device, figures FROM device_total')) {
    const total = JSON.parse(String(text)) as DeviceCount
    totals.set(total.device, total)
  }
  let logged = 0
  for (const [bytes] of await session.rows('SELECT counts FROM count_log ORDER BY "commit"')) {
    if (!(bytes instanceof Uint8Array)) continue
    for (const count of decode(bytes, words)) add(totals, count)
    logged += bytes.length
  }

  let [pending, foldedNow] = [0, false]
  const fold = async (session: Session): Promise<void> => {
    const list = [...totals.values()]
    await session.run('DELETE FROM device_total')
    await session.run('DELETE FROM count_log')
    await session.append(shapes.deviceTotal, [list.map((total) => total.device), list.map((total) => JSON.stringify(total))])
  }
  return {
    write: async (session, commit, counts) => {
      foldedNow = logged > foldBytes
      pending = counts.length * countBytes
      if (foldedNow) await fold(session)
      if (counts.length > 0) await session.again('INSERT INTO count_log VALUES ($1, $2)', [commit, encode(counts, words)])
    },
    written: (counts) => {
      for (const count of counts) add(totals, count)
      logged = (foldedNow ? 0 : logged) + pending
    },
    fold,
    folded: () => {
      logged = 0
    },
    list: () => [...totals.values()].map((total) => ({ ...total })),
  }
}

function encode(counts: readonly DeviceCount[], words: Dictionary): Uint8Array {
  const view = new DataView(new ArrayBuffer(counts.length * countBytes))
  counts.forEach((count, i) => {
    const at = i * countBytes
    view.setInt32(at, words.sources.ofDevice(count.device), true)
    figures.forEach((name, k) => view.setInt32(at + 4 + 4 * k, count[name], true))
    view.setFloat64(at + 28, count.lastReceivedAt, true)
  })
  return new Uint8Array(view.buffer)
}

function decode(bytes: Uint8Array, words: Dictionary): DeviceCount[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / countBytes }, (_, i) => {
    const at = i * countBytes
    const [received = 0, stored = 0, versions = 0, duplicate = 0, quarantined = 0, late = 0] = figures.map((_, k) =>
      view.getInt32(at + 4 + 4 * k, true),
    )
    const { device } = words.sources.byId(view.getInt32(at, true))
    return { device, received, stored, versions, duplicate, quarantined, late, lastReceivedAt: view.getFloat64(at + 28, true) }
  })
}

function add(totals: Map<DeviceId, DeviceCount>, count: DeviceCount): void {
  const total = totals.get(count.device)
  if (total === undefined) {
    totals.set(count.device, { ...count, device: deviceId(count.device) })
    return
  }
  for (const name of figures) total[name] += count[name]
  total.lastReceivedAt = Math.max(total.lastReceivedAt, count.lastReceivedAt)
}
