import { decodeFrame } from '../gateways/hj212/codec.ts'
import { writeFrame, writeTime } from '../gateways/hj212/frame.ts'
import { judge } from '../gateways/hj212/judge.ts'
import { createScanner } from '../gateways/hj212/scanner.ts'
import { cpuRate } from './cpu-rate.ts'
import { table, whole } from './table.ts'

const clock = { zone: null, none: false }
const codes = ['w01001', 'w01009', 'w01010', 'w21003', 'w01018', 'w21011', 'w21001', 'w00000', 'w01014', 'w01019']

/** A stream of real-time frames with so many factors each. */
function streamOf(frames: number, factors: number): Buffer {
  const made = Array.from({ length: frames }, (_, n) => {
    const items = codes.slice(0, factors).map((code, i) => `${code}-Rtd=${((n * 7 + i) % 1000) / 10},${code}-Flag=N`)
    const time = writeTime(Date.UTC(2026, 7, 1) + n * 1000)
    return writeFrame({
      ...{ qn: `${time}223`, st: '32', cn: '2011', pw: '123456', mn: '010000A8900016F000169DC0', flag: 5 },
      area: [`DataTime=${time}`, ...items].join(';'),
    })
  })
  return Buffer.concat(made)
}

const chunkBytes = 16_384

/** Frames a second on one core: cut out of the stream and checked; and the same with all readings made. */
export function parserBench(say: (text: string) => void): void {
  const rows = [4, 10].map((factors) => {
    const stream = streamOf(20_000, factors)
    const bytes = stream.length / 20_000
    return [whole(factors), whole(bytes), whole(cpuRate(() => readAll(stream, false))), whole(cpuRate(() => readAll(stream, true)))]
  })
  say('HJ 212, frames a second of CPU time, chunks of 16 KiB: scanned with length and CRC checked, and decoded to readings as well')
  say(table(['factors', 'bytes a frame', 'checked/s', 'decoded/s'], rows))
}

function readAll(stream: Buffer, decodes: boolean): number {
  const scanner = createScanner()
  let frames = 0
  for (let at = 0; at < stream.length; at += chunkBytes)
    for (const raw of scanner.push(stream.subarray(at, at + chunkBytes))) {
      const judged = raw.fault === undefined ? judge(raw) : null
      if (judged === null || judged.fault !== undefined) throw new Error('a frame of the benchmark was not read')
      if (decodes) decodeFrame(judged.frame, clock)
      frames += 1
    }
  return frames
}
