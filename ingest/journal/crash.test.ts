import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { needing, strace } from '../../testing/needing.ts'
import { configured, everything, freshFolder, opened } from './testing/journals.ts'
import { bundled, startPublisher, type Running } from './testing/processes.ts'

async function untilLines(running: Running, count: number): Promise<void> {
  while (running.lines().length < count && running.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Each acknowledged text must be in the journal exactly once, and no number twice. */
async function checkJournal(folder: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const journal = await opened(folder)
  const { deliveries, damaged } = await everything(journal, 10_000)
  const times = new Map<string, number>()
  for (const one of deliveries) {
    const text = Buffer.from(one.payload).toString().trim()
    times.set(text, (times.get(text) ?? 0) + 1)
  }
  expect([...acknowledged].filter((text) => times.get(text) !== 1)).toEqual([])
  expect(new Set(deliveries.map((one) => one.number)).size).toBe(deliveries.length)
  expect(damaged).toEqual([])
  await journal.close()
}

test('20 times killed while it writes: every acknowledged delivery is there, once', async () => {
  const [folder, scripts] = [await freshFolder(), await freshFolder()]
  const script = bundled('./publisher.ts', scripts)
  const acknowledged = new Set<string>()
  for (let round = 0; round < 20; round++) {
    const settings = { folder, config: configured(), senders: 8, start: round * 100_000, count: 100_000, bytes: 120 }
    const running = await startPublisher(scripts, script, settings)
    // Some are killed as they start, others somewhere in the stream.
    await untilLines(running, round % 5 === 0 ? 0 : 20 + ((round * 137) % 400))
    running.child.kill('SIGKILL')
    await running.ended
    for (const line of running.lines()) acknowledged.add(line)
  }
  expect(acknowledged.size).toBeGreaterThan(1_000)
  await checkJournal(folder, acknowledged)
})

test('a write that the disk refuses acknowledges nobody; the journal opens itself again and goes on', async () => {
  const [folder, scripts] = [await freshFolder(), await freshFolder()]
  const script = bundled('./publisher.ts', scripts)
  const settings = { folder, config: configured(), senders: 4, start: 0, count: 400, bytes: 5_000 }
  // No file may grow beyond 2 MB, and writing more is an error instead of a signal: the log of the storage engine meets that after 2 MB.
  const limited = ['bash', '-c', `trap '' XFSZ; ulimit -f 2048; exec "$0" "$@"`]
  const running = await startPublisher(scripts, script, settings, limited)
  await running.ended
  const lines = running.lines()
  expect(lines).toContain('! journal-unavailable')
  const acknowledged = new Set(lines.filter((line) => !line.startsWith('!')))
  expect(acknowledged.size).toBe(1_600)
  await checkJournal(folder, acknowledged)
})

needing([strace()], 'fdatasync has returned before anybody is acknowledged', async (program) => {
  const [folder, scripts] = [await freshFolder(), await freshFolder()]
  const script = bundled('./publisher.ts', scripts)
  const trace = path.join(scripts, 'trace')
  const settings = { folder, config: configured(), senders: 3, start: 0, count: 30, bytes: 120 }
  const command = [program, '-f', '-qq', '-y', '-s', '2000', '-e', 'trace=write,writev,fdatasync', '-o', trace]
  const running = await startPublisher(scripts, script, settings, command)
  await running.ended
  expect(running.lines()).toHaveLength(90)

  const synced = new Set<string>()
  const written: string[] = []
  let outcomes = 0
  for (const line of (await readFile(trace, 'utf8')).split('\n')) {
    const seqs = [...line.matchAll(/(\d:\d+)(?= )/g)].map((match) => match[1] ?? '')
    if (/ write\(\d+<[^>]*\.log>/.test(line)) written.push(...seqs)
    else if (/fdatasync(\(\d+<[^>]*\.log>\)| resumed>\)) += 0$/.test(line)) for (const seq of written.splice(0)) synced.add(seq)
    else if (/ writev?\(1</.test(line)) {
      for (const match of line.matchAll(/(\d:\d+)\\n/g)) {
        expect(synced).toContain(match[1])
        outcomes++
      }
    }
  }
  expect(outcomes).toBe(90)
})
