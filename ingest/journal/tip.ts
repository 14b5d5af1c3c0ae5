import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import path from 'node:path'

const bytes = 16
/** The second half is the first one turned over: half a write, or a flipped bit, says nothing. */
const allBits = (1n << 64n) - 1n

/**
 * The newest number that is on disk, noted behind each write in a file of sixteen bytes that is never synced: after a kill it is right, after a
 * power cut it may be old, but never ahead of what was synced. So what it names and cannot be read any more is damage, and no torn end.
 */
export class Tip {
  readonly #file: number
  readonly #cells = Buffer.alloc(bytes)

  /** @param folder of the journal. Throws when the disk refuses. */
  constructor(folder: string) {
    this.#file = openSync(path.join(folder, 'tip'), constants.O_RDWR | constants.O_CREAT, 0o600)
  }

  /** 0 = nothing is known. */
  read(): number {
    if (readSync(this.#file, this.#cells, 0, bytes, 0) < bytes) return 0
    const [number, turned] = [this.#cells.readBigUInt64BE(0), this.#cells.readBigUInt64BE(8)]
    return (number ^ turned) === allBits && number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : 0
  }

  /** The block with this number is on disk. A disk that refuses costs the note only. */
  note(number: number): void {
    this.#cells.writeBigUInt64BE(BigInt(number), 0)
    this.#cells.writeBigUInt64BE(BigInt(number) ^ allBits, 8)
    try {
      writeSync(this.#file, this.#cells, 0, bytes, 0)
    } catch {
      // full, or failing: the block itself is there
    }
  }

  close(): void {
    closeSync(this.#file)
  }
}
