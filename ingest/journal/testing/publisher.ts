import { readFileSync } from 'node:fs'
import { deviceId } from '../../../domain/ids.ts'
import type { JournalConfig } from '../config.ts'
import { openJournal } from '../open.ts'

/**
 * A process of its own that journals deliveries of some senders, each numbered from `start`, and writes `sender:seq` to stdout for each one
 * acknowledged. What could not be journalled is sent again, as a device would. Ends by being killed, or after `count` of each sender.
 * Arguments: one JSON file with the settings below.
 */
interface Settings {
  folder: string
  config: JournalConfig
  senders: number
  start: number
  count: number
  bytes: number
}

async function main({ folder, config, senders, start, count, bytes }: Settings): Promise<void> {
  const journal = await openJournal({ path: folder, config, now: () => Date.now() })
  const send = async (sender: number) => {
    for (let seq = start; seq < start + count;) {
      const payload = Buffer.from(`${sender}:${seq}`.padEnd(bytes))
      const device = deviceId(`sender-${sender}`)
      const done = await journal
        .accept({ device, source: 'mqtt', topic: `devices/${device}/readings`, payload, receivedAt: Date.now() })
        .then(() => true)
        .catch((error: Error & { code?: string }) => {
          process.stdout.write(`! ${error.code}\n`)
          return false
        })
      if (!done) continue
      process.stdout.write(`${sender}:${seq}\n`)
      seq++
    }
  }
  await Promise.all(Array.from({ length: senders }, (_, i) => send(i)))
  await journal.close()
}

void main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Settings)
