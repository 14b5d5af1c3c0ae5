import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@jest/globals'
import { startLogger } from '../testing/loggers.ts'
import { needing, strace } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

const messages = 60

interface Seen {
  acknowledged: number
  /** Messages that were answered too early. */
  early: number[]
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')

/** Reads a trace in its order: a PUBACK is early when the fdatasync of the message that it answers has not returned. */
function readTrace(trace: string): Seen {
  const seen: Seen = { acknowledged: 0, early: [] }
  const [written, synced]: [Set<number>, Set<number>] = [new Set(), new Set()]
  /** What had been written when a thread began to sync. */
  const syncing = new Map<string, number[]>()
  for (const line of trace.split('\n')) {
    const [, thread = '', call = '', where = '', rest = ''] = /^(\d+) +(?:<\.\.\. )?(\w+)(?:\(\d+<([^>]*)>)?(.*)$/.exec(line) ?? []
    const target = where.startsWith('TCP') ? where : bytesOf(where).toString()
    const isLog = /\/journal\/.*\.log$/.test(target)
    if (call === 'fdatasync') {
      if (isLog) syncing.set(thread, [...written])
      if (!rest.endsWith(' = 0')) continue
      for (const mark of syncing.get(thread) ?? []) synced.add(mark)
      syncing.delete(thread)
      continue
    }
    const bytes = bytesOf(/"((?:\\x..)+)"/.exec(rest)?.[1] ?? '')
    if (isLog) for (const [, mark] of bytes.toString('latin1').matchAll(/mark-(\d+)-/g)) written.add(Number(mark))
    if (!target.startsWith('TCP') || bytes[0] !== 0x40 || bytes.length % 4 !== 0) continue
    // PUBACKs, in the order of the messages (MQTT 3.1.1, 4.6): 0x40, length 2, packet id
    for (let i = 0; i < bytes.length; i += 4) if (!synced.has((seen.acknowledged += 1))) seen.early.push(seen.acknowledged)
  }
  return seen
}

needing(
  [strace()],
  'in the whole program, fdatasync of the journal has returned before any PUBACK is written',
  async (program) => {
    const folder = temporaryFolder()
    const trace = path.join(folder, 'trace')
    const network = writeNetworkFile(folder, riverNetwork(1))
    const command = [program, '-f', '-qq', '-yy', '-xx', '-s', '100000', '-e', 'trace=write,writev,sendto,fdatasync', '-o', trace]
    const system = await serve({ flags: ['--no-demo', '--network', network], command })
    const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
    const payloadOf = (seq: number): string => JSON.stringify({ seq, at: Date.now(), values: { water_level: 1 }, mark: `mark-${seq}-` })
    const logger = startLogger({
      port: Number(new URL(system.mqtt).port),
      name: 'logger-1',
      secret,
      inFlight: 5,
      total: messages,
      payloadOf,
    })
    await logger.finished
    logger.stop()
    expect(await system.stop()).toBe(0)
    expect(readTrace(readFileSync(trace, 'latin1'))).toEqual({ acknowledged: messages, early: [] })
  },
  120_000,
)
