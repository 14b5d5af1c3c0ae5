import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { holdRetained } from './retained.ts'

interface Message {
  topic: string
  payload: Buffer
}

/** A persistence that knows one message of a device and remembers what came to it. */
function persistence() {
  const stored: string[] = []
  const read: string[] = []
  const kept = {
    storeRetained: async ({ topic }: Message) => void stored.push(topic),
    createRetainedStreamCombi(filters: readonly string[]) {
      read.push(...filters)
      return Readable.from([{ topic: 'devices/a/status', payload: Buffer.from('online') }])
    },
  }
  holdRetained(kept, (filter) => filter.startsWith('warnings/'))
  const retain = (topic: string, text: string) => kept.storeRetained({ topic, payload: Buffer.from(text) })
  const standing = async (...filters: string[]) => {
    const found: string[] = []
    for await (const one of kept.createRetainedStreamCombi(filters))
      found.push(`${(one as Message).topic} ${String((one as Message).payload)}`)
    return found
  }
  return { kept, stored, read, retain, standing }
}

test('what is held is in memory, what is not is on disk', async () => {
  const { stored, read, retain, standing } = persistence()
  await Promise.all([
    retain('warnings/a/w1', '1'),
    retain('warnings/b/w2', '1'),
    retain('warnings/a/w1', '2'),
    retain('devices/a/status', 'x'),
  ])
  expect(stored).toEqual(['devices/a/status'])
  expect(await standing('warnings/a/+')).toEqual(['warnings/a/w1 2'])
  expect(read).toEqual([])
  expect(await standing('#')).toEqual(['warnings/a/w1 2', 'warnings/b/w2 1', 'devices/a/status online'])
  await retain('warnings/a/w1', '')
  expect(await standing('warnings/#', 'warnings/+/+')).toEqual(['warnings/b/w2 1'])
})

test('a new subscriber is given what stands at its turn, not what stood when it came', async () => {
  const { kept, retain } = persistence()
  for (const topic of ['warnings/a/w1', 'warnings/a/w2']) await retain(topic, '1')
  const [first, second] = (await kept.createRetainedStreamCombi(['warnings/#']).toArray()) as Message[]
  await retain('warnings/a/w1', '2')
  await retain('warnings/a/w2', '')
  expect([first, second].map((one) => String(one?.payload))).toEqual(['2', ''])
})
