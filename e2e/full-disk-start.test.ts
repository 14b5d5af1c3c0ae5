import { appendFileSync, existsSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@jest/globals'
import { startLogger } from '../testing/loggers.ts'
import { needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, until, untilCarried, type ServedSystem } from '../testing/server.ts'
import { smallDisk } from '../testing/small-disk.ts'

/** Writes until nothing is free any more. */
function fill(file: string): void {
  for (const bytes of [1_000_000, 4_096])
    for (;;)
      try {
        appendFileSync(file, Buffer.alloc(bytes, 1))
      } catch {
        break
      }
}

const ready = async (system: ServedSystem): Promise<[number, string]> => {
  const answer = await fetch(`${system.url}/readyz`)
  return [answer.status, await answer.text()]
}

needing(
  [smallDisk(128_000_000)],
  'on a disk without a free byte it starts after a kill, as often as it is killed, says so, and goes on by itself when there is room',
  async (disk) => {
    const data = path.join(disk, 'data')
    const network = writeNetworkFile(temporaryFolder(), riverNetwork(1))
    const settings = ['journal.minFreeBytes=20000000', 'journal.hold=500ms', 'journal.checkEvery=200ms']
    const flags = ['--no-demo', '--network', network, ...settings.flatMap((setting) => ['--set', setting])]
    let system = await serve({ data, flags })
    const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
    const begin = Date.now()
    const payloadOf = (seq: number): string => JSON.stringify({ seq, at: begin + seq, values: { water_level: 1 }, note: 'x'.repeat(500) })
    const logger = startLogger({ port: Number(new URL(system.mqtt).port), name: 'logger-1', secret, total: 3_000, inFlight: 8, payloadOf })
    await logger.finished
    logger.stop()
    const reserve = path.join(data, 'journal', 'reserve')
    await until(() => existsSync(reserve), 30_000, 'the reserve')
    const ballast = path.join(disk, 'ballast')
    fill(ballast)
    await system.kill()
    fill(ballast)
    expect(statfsSync(disk).bavail).toBe(0)

    for (let i = 0; i < 2; i += 1) {
      system = await serve({ data, flags })
      expect(await ready(system)).toEqual([503, expect.stringMatching(/has \d+ bytes free and keeps 20000000; free some/)])
      expect((await fetch(`${system.url}/`)).ok).toBe(true)
      expect(existsSync(reserve)).toBe(false)
      if (i === 0) await system.kill()
    }
    rmSync(ballast)
    await until(async () => (await ready(system))[0] === 200, 30_000, 'being ready')
    await until(() => existsSync(reserve), 30_000, 'the reserve again')
    await untilCarried(system, 30_000)
    expect((await totalsOf(system)).stored).toBeGreaterThanOrEqual(3_000)
    expect(await system.stop()).toBe(0)
  },
  180_000,
)
