import { fork } from 'node:child_process'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { strangersOf } from '../devices-sim/load/network.ts'
import { end, runLoad } from './processes.ts'
import { digits, table, whole } from './table.ts'

const connack = Buffer.from([0x20, 2, 0, 0])

/** Answers one connection: CONNACK, then four bytes for each PUBLISH of QoS 1; it keeps nothing. */
function acknowledge(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const answers = Buffer.allocUnsafe(4 * Math.ceil(bytes.length / 8) + 4)
    let [at, length] = [0, 0]
    for (;;) {
      const head = headOf(bytes, at)
      if (head === null || head.end > bytes.length) break
      const first = (bytes[at] ?? 0) & 0xf6
      if (first === 0x10) socket.write(connack)
      else if (first === 0x32) {
        const idAt = head.body + 2 + bytes.readUInt16BE(head.body)
        answers[length] = 0x40
        answers[length + 1] = 2
        answers[length + 2] = bytes[idAt] ?? 0
        answers[length + 3] = bytes[idAt + 1] ?? 0
        length += 4
      }
      at = head.end
    }
    rest = Buffer.from(bytes.subarray(at))
    if (length > 0) socket.write(answers.subarray(0, length))
  })
}

/** Where the body of the packet at a place begins and ends; null when its head is cut. MQTT 3.1.1, 2.2.3. */
function headOf(bytes: Buffer, at: number): { body: number; end: number } | null {
  let [size, shift, place] = [0, 0, at + 1]
  for (; place < bytes.length; place += 1, shift += 7) {
    const byte = bytes[place] ?? 0
    size |= (byte & 127) << shift
    if (byte < 128) return { body: place + 1, end: place + 1 + size }
  }
  return null
}

/** The sink in a process of its own: tells its port. */
export function sinkProcess(): void {
  const server = createServer({ noDelay: true }, acknowledge).listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.send?.(typeof address === 'object' ? address?.port : null)
  })
  process.once('disconnect', () => process.exit())
}

/** QoS 1 publishes/s of the generator against a sink that only acknowledges: what it can offer, so that it is not what is measured. */
export async function offered(messages: number, say: (text: string) => void): Promise<void> {
  const sink = fork(fileURLToPath(new URL('../bin/bench.js', import.meta.url)), ['sink'])
  const port = await new Promise<number>((resolve) => sink.once('message', (told) => resolve(Number(told))))
  const rows = []
  for (const [connections, processes] of [
    [100, 1],
    [1000, 1],
    [1000, 2],
  ] as const) {
    const report = await runLoad(
      {
        ...{ host: '127.0.0.1', port, devices: strangersOf('bench', connections) },
        pace: { kind: 'closed', window: 200, messages: Math.ceil(messages / connections), ms: null },
        ...{ keepAliveSeconds: 60, comingsPerMinute: 0, drainMs: 30_000, startAt: Date.UTC(2026, 0, 1), stepMs: 1000 },
      },
      0,
      processes,
    )
    const { acknowledged, acknowledgedPerSecond, unacknowledged } = report
    rows.push([
      whole(connections),
      whole(processes),
      whole(acknowledged),
      whole(unacknowledged),
      whole(acknowledgedPerSecond),
      digits(report.latencyMs.p50 ?? NaN),
    ])
  }
  await end(sink)
  say('What the generator offers: QoS 1, 200 unacknowledged a connection, against a sink that only acknowledges, on the same cores')
  say(table(['connections', 'processes', 'messages', 'unacknowledged', 'publishes/s', 'PUBACK p50, ms'], rows))
}
