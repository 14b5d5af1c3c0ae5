import { Bench } from 'tinybench'
import { FrameGuard } from '../broker/guard/frame-guard.ts'
import { connectFrame, publishTemplate } from '../devices-sim/load/frames.ts'
import { digits, table } from './table.ts'

const messages = 500
const limits = { maxPacketBytes: 256_000, maxFirstPacketBytes: 4_000, maxTopicLevels: 16, maxFilters: 8 }

/** Readings as a device sends them, one behind the other. */
function readings(): Buffer {
  const template = publishTemplate({
    ...{ topic: 'devices/dev-bench-0000/readings', station: 'bench-0000' },
    ...{ startAt: Date.UTC(2026, 0, 1), stepMs: 1000 },
  })
  return Buffer.concat(
    Array.from({ length: messages }, (_, n) => {
      template.patch(n, n + 1)
      return Buffer.from(template.bytes)
    }),
  )
}

function openGuard(): FrameGuard {
  const guard = new FrameGuard(limits)
  guard.pass(connectFrame({ client: 'bench', login: null, keepAliveSeconds: 60 }))
  guard.loggedIn()
  return guard
}

/** What the frame guard adds to a message, by the pieces that messages come in. */
export async function guardBench(say: (text: string) => void): Promise<void> {
  const bytes = readings()
  const bench = new Bench({ time: 1000 })
  for (const [name, size] of pieces(bytes.length)) {
    const guard = openGuard()
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    bench.add(name, () => {
      for (const chunk of chunks) guard.pass(chunk)
      if (guard.fault !== null) throw new Error(`the guard refused a reading: ${guard.fault.reason}`)
    })
  }
  await bench.run()
  const micros = bench.tasks.map(({ name, result }) => [
    name,
    digits(((result.state === 'completed' ? result.latency.p50 : NaN) * 1000) / messages, 2),
  ])
  say(`The frame guard alone, PUBLISH of QoS 1, ${bytes.length / messages} bytes each, median`)
  say(table(['messages come', 'µs a message'], micros))
}

const pieces = (length: number): readonly (readonly [string, number])[] => [
  ['500 in a read', length],
  ['one a read', length / messages],
  ['cut anywhere, 1,460 bytes a read', 1_460],
]
