import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { TruthEnd, TruthEntry, TruthHeader } from './truth.ts'

export interface TruthWriter {
  /** Resolves when the file takes more, so that nothing piles up in memory. Rejects when it cannot be written. */
  write(entries: readonly TruthEntry[]): Promise<void>
  /** Writes the last line and closes the file. @param stoppedAt where the simulation ended before its time, epoch ms; left out: nowhere */
  end(stoppedAt?: number): Promise<TruthEnd>
}

/** Begins a truth file; a name that ends in `.gz` is compressed. The same entries give the same bytes. */
export async function createTruthWriter(file: string, header: TruthHeader): Promise<TruthWriter> {
  const lines = new PassThrough({ highWaterMark: 1 << 20 })
  const target = createWriteStream(file)
  const written = file.endsWith('.gz') ? pipeline(lines, createGzip({ level: 1 }), target) : pipeline(lines, target)
  written.catch(() => undefined) // whoever writes or ends hears of it
  const counts: TruthEnd = { kind: 'end', events: 0, crossings: 0, faults: 0, readings: 0 }
  const put = async (text: string): Promise<void> => {
    if (text !== '' && !lines.write(text)) await Promise.race([once(lines, 'drain'), written])
  }
  await put(`${JSON.stringify(header)}\n`)
  return {
    write(entries) {
      for (const { kind } of entries) counts[`${kind}s`] += 1
      return put(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    },
    async end(stoppedAt) {
      const end: TruthEnd = stoppedAt === undefined ? counts : { ...counts, stoppedAt }
      lines.end(`${JSON.stringify(end)}\n`)
      await written
      return end
    },
  }
}
