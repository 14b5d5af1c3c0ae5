import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { unknownDevice } from '../domain/codec.ts'
import { decodeFrame } from '../gateways/sl651/codec.ts'
import { createScanner } from '../gateways/sl651/scanner.ts'
import { digits, table, whole } from './table.ts'

interface Fixture {
  name: string
  hex: string
}

/** Scans and decodes frames of the standard for so many frames; frames/s of one core, and readings/s. */
export function sl651Parser(say: (text: string) => void, frames = 300_000): void {
  const fixtures = JSON.parse(readFileSync(new URL('../gateways/sl651/testdata/frames.json', import.meta.url), 'utf8')) as Fixture[]
  const rows = ['standard: timed report, 32H', 'standard: hourly report, 34H', 'constructed: the ASCII encoding'].map((name) => {
    const hex = fixtures.find((fixture) => fixture.name === name)?.hex ?? ''
    const chunk = Buffer.from(hex.repeat(100), 'hex')
    run(chunk, frames / 10)
    const { seconds, readings } = run(chunk, frames)
    return [name, whole(hex.length / 2), whole(frames / seconds), whole(readings / seconds), digits((seconds * 1e6) / frames, 2)]
  })
  say('SL 651: frames scanned (length, CRC) and decoded to readings, one core')
  say(table(['frame', 'bytes', 'frames/s', 'readings/s', 'µs a frame'], rows))
}

function run(chunk: Buffer, frames: number): { seconds: number; readings: number } {
  const scanner = createScanner()
  const begun = performance.now()
  let [done, readings] = [0, 0]
  while (done < frames)
    for (const found of scanner.push(chunk)) {
      if (found.fault !== undefined) throw new Error(`a frame of the bench was not read: ${found.fault}`)
      readings += decodeFrame(found.frame, unknownDevice).groups.length
      done += 1
    }
  return { seconds: (performance.now() - begun) / 1000, readings }
}
