import mqtt, { type MqttClient } from 'mqtt'
import { expect, test } from '@jest/globals'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const devices = 8
const kills = 20
const startAt = Date.now() - 3_600_000

/** A logger with memory: what is not acknowledged is sent again, under the same sequence number. */
interface Logger {
  acknowledged: Set<number>
  sent: number
  stop: () => void
}

function startLogger(port: number, name: string, secret: string): Logger {
  const client: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    username: name,
    password: secret,
    reconnectPeriod: 100,
    connectTimeout: 2_000,
    clean: true,
  })
  client.on('error', () => undefined)
  const logger: Logger = { acknowledged: new Set(), sent: 0, stop: () => client.end(true) }
  const waiting = new Map<number, boolean>()
  const publish = (seq: number): void => {
    const at = new Date(startAt + seq * 1000).toISOString()
    const payload = JSON.stringify({ seq, at, values: { water_level: 1 + (seq % 1000) / 1000 } })
    waiting.set(seq, true)
    client.publish(`devices/${name}/readings`, payload, { qos: 1 }, (error) => {
      waiting.delete(seq)
      if (error) setTimeout(() => publish(seq), 50)
      else logger.acknowledged.add(seq)
    })
  }
  const timer = setInterval(() => {
    if (waiting.size < 20) publish((logger.sent += 1))
  }, 20)
  return {
    ...logger,
    acknowledged: logger.acknowledged,
    get sent() {
      return logger.sent
    },
    stop: () => (clearInterval(timer), client.end(true)),
  }
}

test(`after ${kills} kills without warning, every acknowledged reading is there exactly once`, async () => {
  const folder = temporaryFolder()
  const network = writeNetworkFile(folder, riverNetwork(devices))
  const names = Array.from({ length: devices }, (_, i) => `logger-${i + 1}`)
  const flags = ['--no-demo', '--network', network]
  let system: ServedSystem = await serve({ flags })
  const secrets = await secretsOf(system, names)
  const again = ['--port', new URL(system.url).port, '--mqtt-port', new URL(system.mqtt).port]
  const loggers = names.map((name) => startLogger(Number(new URL(system.mqtt).port), name, secrets.get(name) ?? ''))
  for (let kill = 1; kill <= kills; kill += 1) {
    const before = loggers.reduce((sum, logger) => sum + logger.acknowledged.size, 0)
    const more = 5 + ((kill * 37) % 120)
    await until(() => loggers.reduce((sum, logger) => sum + logger.acknowledged.size, 0) >= before + more, 60_000, 'acknowledgements')
    await system.kill()
    system = await serve({ data: system.data, flags: [...flags, ...again] })
  }
  await until(() => loggers.every((logger) => logger.acknowledged.size >= 50), 60_000, 'the last acknowledgements')
  for (const logger of loggers) logger.stop()

  for (const [i, logger] of loggers.entries()) {
    const series = `gauge-${i + 1}/water_level/1`
    const range = `series=${series}&from=${new Date(startAt).toISOString()}&to=${new Date(startAt + 90 * 86_400_000).toISOString()}&limit=20000`
    const stored = async (): Promise<number[]> => {
      const { observations } = await system.get<{ observations: { observedAt: string | number; seq: number | null }[] }>(
        `/api/v1/observations?${range}`,
      )
      return observations.map((o) => o.seq ?? -1)
    }
    await until(async () => new Set(await stored()).size >= logger.acknowledged.size, 30_000, `${series} catching up`)
    const seqs = await stored()
    const lost = [...logger.acknowledged].filter((seq) => !seqs.includes(seq))
    expect({ series, lost, twice: seqs.length - new Set(seqs).size }).toEqual({ series, lost: [], twice: 0 })
  }
  expect(await system.stop()).toBe(0)
}, 300_000)
