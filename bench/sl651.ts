import { readFileSync } from 'node:fs'
import { unknownDevice } from '../domain/codec.ts'
import { decodeFrame } from '../gateways/sl651/codec.ts'
import { createScanner } from '../gateways/sl651/scanner.ts'
import { cpuRate } from './cpu-rate.ts'
import { table, whole } from './table.ts'

interface Fixture {
  name: string
  hex: string
}

const frames = 20_000
const chunkBytes = 16_384

/** Frames a second of CPU time: cut out of the stream and checked; and the same with all readings made. */
export function sl651Parser(say: (text: string) => void): void {
  const fixtures = JSON.parse(readFileSync(new URL('../gateways/sl651/testdata/frames.json', import.meta.url), 'utf8')) as Fixture[]
  const rows = ['standard: timed report, 32H', 'standard: hourly report, 34H', 'constructed: the ASCII encoding'].map((name) => {
    const frame = Buffer.from(fixtures.find((fixture) => fixture.name === name)?.hex ?? '', 'hex')
    const stream = Buffer.concat(Array<Buffer>(frames).fill(frame))
    const readings = readAll(frame, true).readings
    const rate = (decodes: boolean): string => whole(cpuRate(() => readAll(stream, decodes).frames))
    return [name, whole(frame.length), whole(readings), rate(false), rate(true)]
  })
  say('SL 651, frames a second of CPU time, chunks of 16 KiB: scanned with length and CRC checked, and decoded to readings as well')
  say(table(['frame', 'bytes', 'readings', 'checked/s', 'decoded/s'], rows))
}

function readAll(stream: Buffer, decodes: boolean): { frames: number; readings: number } {
  const scanner = createScanner()
  const read = { frames: 0, readings: 0 }
  for (let at = 0; at < stream.length; at += chunkBytes)
    for (const found of scanner.push(stream.subarray(at, at + chunkBytes))) {
      if (found.fault !== undefined) throw new Error(`a frame of the bench was not read: ${found.fault}`)
      if (decodes) read.readings += decodeFrame(found.frame, unknownDevice).groups.length
      read.frames += 1
    }
  return read
}
