import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { startInfluxd } from '../testing/influxd.ts'
import { startLogger } from '../testing/loggers.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, until, untilCarried } from '../testing/server.ts'

/** A folder in memory where there is one: its free space is ours alone. */
const smallDisk = (): string => mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gaugekeeper-'))

function freeIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

test('on a full disk nobody is acknowledged, the same process says so, and it goes on by itself when there is room', async () => {
  const data = smallDisk()
  const keep = freeIn(data) - 16_000_000
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(1))
  const settings = [`journal.minFreeBytes=${keep}`, 'journal.hold=500ms', 'journal.checkEvery=100ms']
  const system = await serve({ data, flags: ['--no-demo', '--network', network, ...settings.flatMap((setting) => ['--set', setting])] })
  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const begin = Date.now()
  const payloadOf = (seq: number): string => JSON.stringify({ seq, at: begin + seq, values: { water_level: 1 } })
  const logger = startLogger({ port: Number(new URL(system.mqtt).port), name: 'logger-1', secret, everyMs: 20, payloadOf })
  await until(() => logger.acknowledged.size > 20, 30_000, 'acknowledgements')

  const ballast = path.join(data, 'ballast')
  await until(
    async () => {
      // others may give the disk back meanwhile
      if (freeIn(data) > keep - 4_000_000) appendFileSync(ballast, Buffer.alloc(8_000_000, 1))
      return (await metric(system, 'gaugekeeper_ingest_messages_total', 'refused')) > 0
    },
    30_000,
    'deliveries being refused',
  )
  const before = logger.acknowledged.size
  const ready = await fetch(`${system.url}/readyz`)
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('bytes free')])
  const posted = await fetch(`${system.url}/api/v1/deliveries`, {
    method: 'POST',
    headers: { authorization: `Bearer logger-1:${secret}`, 'content-type': 'application/json' },
    body: payloadOf(1_000_000),
  })
  expect([posted.status, posted.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
  expect(logger.acknowledged.size).toBe(before)
  rmSync(ballast)
  await until(() => logger.acknowledged.size > before + 20, 30_000, 'acknowledgements again')

  logger.stop()
  await untilCarried(system, 30_000)
  const { stored, versions, quarantined } = await totalsOf(system)
  expect(stored).toBeGreaterThanOrEqual(logger.acknowledged.size)
  expect(stored).toBeLessThanOrEqual(logger.sent())
  expect([versions, quarantined]).toEqual([0, 0])
  expect(await system.stop()).toBe(0)
  rmSync(data, { recursive: true, force: true })
}, 120_000)

const readings = 2_000
const inFlight = 4

needing(
  [influxd()],
  'a flipped bit and a torn tail in the journal: it starts, gives up what is damaged by number, counts it, and carries the rest',
  async (binary) => {
    const server = await startInfluxd(binary)
    await server.stop()
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(1))
    const store = ['store.engine=influxdb', `influx.url=${server.url}`, 'influx.api=v1'].flatMap((setting) => ['--set', setting])
    const flags = ['--no-demo', '--network', network, ...store]
    const first = await serve({ flags })
    const secret = (await secretsOf(first, ['logger-1'])).get('logger-1') ?? ''
    const begin = Date.now()
    const payloadOf = (seq: number): string => JSON.stringify({ seq, at: begin + seq, values: { water_level: 1 } })
    const logger = startLogger({
      port: Number(new URL(first.mqtt).port),
      name: 'logger-1',
      secret,
      total: readings,
      inFlight,
      payloadOf,
    })
    await logger.finished
    logger.stop()
    await first.kill()

    const blocks = path.join(first.data, 'journal', 'blocks')
    const log = path.join(
      blocks,
      readdirSync(blocks)
        .filter((name) => name.endsWith('.log'))
        .sort()
        .at(-1) ?? '',
    )
    const bytes = readFileSync(log)
    const middle = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    writeFileSync(log, bytes)
    truncateSync(log, bytes.length - 7)

    await server.start()
    const again = await serve({ data: first.data, flags })
    await untilCarried(again, 60_000)
    const { received, stored } = await totalsOf(again)
    const damaged = await metric(again, 'gaugekeeper_journal_damaged_total')
    process.stderr.write(
      `${readings} acknowledged and not yet stored, one bit flipped, 7 bytes torn off: ${stored} stored, ${damaged} named as lost\n`,
    )
    expect(received).toBe(stored)
    // the torn block was the last: nothing behind it knows its numbers, and it holds at most what was on its way together
    expect(stored + damaged).toBeGreaterThanOrEqual(readings - inFlight)
    expect(damaged).toBeGreaterThan(0)
    // one storage block is 32 KiB
    expect(stored).toBeGreaterThan(readings - 600)
    expect(again.output()).toMatch(/deliveries .* are damaged and lost/)
    expect(await again.stop()).toBe(0)
    await server.remove()
  },
  120_000,
)
