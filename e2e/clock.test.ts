import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { startLogger, type Logger } from '../testing/loggers.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, until, untilCarried, type ServedSystem } from '../testing/server.ts'

const [hour, day] = [3_600_000, 86_400_000]
/** Half a minute without a reading is a silence. Silence is looked for at each full minute. */
const quiet = { id: 'quiet', kind: 'silence', after: '30s' }
const names = ['logger-1', 'logger-2', 'logger-3']

interface Told {
  station: string
  rule: string
  state: string
  onset: number
}

const problemsOf = async (system: ServedSystem): Promise<string[]> =>
  (await system.get<{ problems: { name: string; what: string }[] }>('/api/v1/system')).problems.map(({ name, what }) => `${name}: ${what}`)

async function warningsOf(system: ServedSystem): Promise<Told[]> {
  const { warnings } = await system.get<{ warnings: Told[] }>('/api/v1/warnings')
  return warnings.map(({ station, rule, state, onset }) => ({ station, rule, state, onset }))
}

async function untilSilent(system: ServedSystem, station: string): Promise<void> {
  const isSilent = async (): Promise<boolean> =>
    (await warningsOf(system)).some((warning) => warning.station === station && warning.state === 'active')
  await until(isSilent, 200_000, `${station} being called silent`)
}

/** A logger whose clock is right, with the time of its newest reading that was acknowledged. */
function steadyLogger(system: ServedSystem, name: string, secret: string): Logger & { newest: () => number } {
  const times = new Map<number, number>()
  let newest = 0
  const logger = startLogger({
    port: Number(new URL(system.mqtt).port),
    name,
    secret,
    everyMs: 1_000,
    payloadOf: (seq) => {
      const at = times.get(seq) ?? Date.now()
      times.set(seq, at)
      return JSON.stringify({ at, values: { water_level: 1 + (seq % 7) / 100 } })
    },
    onAcknowledged: (seq) => void (newest = Math.max(newest, times.get(seq) ?? 0)),
  })
  return Object.assign(logger, { newest: () => newest })
}

const network = riverNetwork(3) as { rules: unknown[] }
network.rules.push(quiet)
const preload = fileURLToPath(new URL('../testing/shifted-clock.js', import.meta.url))

interface Jump {
  byMs: number
  /** What is told of it while it is not believed. */
  told: RegExp
  doubtedSeconds: number
}

/** The clock of a server jumps, one of three loggers goes silent meanwhile, and the clock is set right. */
async function jumped({ byMs, told, doubtedSeconds }: Jump): Promise<void> {
  const folder = temporaryFolder()
  const shift = path.join(folder, 'shift')
  const setClock = (ms: number): void => writeFileSync(shift, String(ms))
  setClock(0)
  const system = await serve({
    flags: ['--no-demo', '--network', writeNetworkFile(folder, network)],
    environment: { NODE_OPTIONS: `--import ${preload}`, TEST_CLOCK_SHIFT: shift },
  })
  const begin = Date.now()
  const secrets = await secretsOf(system, names)
  const all = names.map((name) => steadyLogger(system, name, secrets.get(name) ?? ''))
  const [first, second] = all
  if (!first || !second) throw new Error('three loggers')

  setClock(byMs)
  await until(async () => (await problemsOf(system)).some((one) => told.test(one)), 30_000, String(told))
  expect(await metric(system, 'gaugekeeper_clock_doubted_seconds')).toBeCloseTo(doubtedSeconds, -1)
  second.stop()
  await untilSilent(system, 'gauge-2')

  setClock(0)
  await until(async () => !(await problemsOf(system)).some((one) => one.startsWith('clock-')), 30_000, 'the clock being right again')
  expect(await metric(system, 'gaugekeeper_clock_jumps_total', 'believed')).toBe(0)
  for (const logger of all) logger.stop()
  await untilCarried(system, 30_000)
  expect(await warningsOf(system)).toEqual([{ station: 'gauge-2', rule: 'quiet', state: 'active', onset: second.newest() }])
  const acknowledged = all.reduce((sum, logger) => sum + logger.acknowledged.size, 0)
  const { stored, quarantined } = await totalsOf(system)
  expect(stored).toBeGreaterThanOrEqual(acknowledged)
  expect(quarantined).toBe(0)
  const range = `series=gauge-1/water_level/1&from=${begin - day}&to=${begin + 2 * day}&limit=20000`
  const { observations } = await system.get<{ observations: { observedAt: number; receivedAt: number }[] }>(`/api/v1/observations?${range}`)
  expect(observations.length).toBeGreaterThanOrEqual(first.acknowledged.size)
  expect(observations.filter(({ observedAt, receivedAt }) => Math.abs(receivedAt - observedAt) > 60_000)).toEqual([])
  expect(system.output()).not.toMatch(/NODE-CRON/i)
  expect(await system.stop()).toBe(0)
}

test('the system clock goes a day ahead, or an hour back: nobody who sends is called silent, who is silent is, and times are kept', async () => {
  const notBelieved = 'and is not believed: the readings of 0 devices fit it, those of 3 do not'
  // both at once: each waits for a full minute of its clock
  await Promise.all([
    jumped({ byMs: day, told: new RegExp(`clock-jumped: .* went 1d ahead ${notBelieved}`), doubtedSeconds: day / 1000 }),
    jumped({ byMs: -hour, told: new RegExp(`clock-jumped: .* went 1h back ${notBelieved}`), doubtedSeconds: -hour / 1000 }),
  ])
}, 600_000)
