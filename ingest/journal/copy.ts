import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { openDisk, type Disk, type Entry } from './disk.ts'
import { writeMarks, type Marks } from './marks.ts'
import { createWalk } from './reader.ts'

const batchBytes = 8 << 20

/**
 * Writes the readable blocks up to `newest`, as they were when it was called, into a journal of its own in `folder`, with the marks. What
 * is damaged is left out: whoever reads the copy finds it missing by number.
 */
export async function copyJournal(disk: Disk, folder: string, marks: Marks, newest: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const walk = createWalk(disk, marks.trimmed + 1, newest)
  const copy = await openDisk(path.join(folder, 'blocks'))
  try {
    let batch: Entry[] = []
    let bytes = 0
    for (let found = await walk.next(); found !== null; found = await walk.next()) {
      batch.push({ first: found.header.first, block: found.block })
      bytes += found.block.length
      if (bytes < batchBytes) continue
      await copy.putAll(batch)
      ;[batch, bytes] = [[], 0]
    }
    if (batch.length > 0) await copy.putAll(batch)
  } finally {
    await walk.close()
    await copy.close()
  }
  await writeMarks(folder, { ...marks, newest })
}
