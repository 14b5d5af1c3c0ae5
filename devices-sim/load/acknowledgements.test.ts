import { expect, test } from '@jest/globals'
import { AcknowledgementReader } from './acknowledgements.ts'

test('acknowledgements are read whole however the chunks are cut', () => {
  const stream = Buffer.from([0x40, 2, 0, 7, 0xd0, 0, 0x40, 2, 1, 0, 0x90, 3, 0, 1, 1, 0x40, 2, 255, 255])
  for (let size = 1; size <= stream.length; size += 1) {
    const [ids, others]: [number[], number[]] = [[], []]
    const reader = new AcknowledgementReader(
      (id) => ids.push(id),
      (first) => others.push(first),
    )
    for (let at = 0; at < stream.length; at += size) reader.read(stream.subarray(at, at + size))
    expect([ids, others]).toEqual([[7, 256, 65_535], [0x90]])
  }
})
