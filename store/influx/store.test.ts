import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { influxd } from '../../testing/needing.ts'
import { startInfluxd, type Influxd } from '../../testing/influxd.ts'
import { describeStore } from '../contract.ts'
import { createMemoryStore } from '../memory.ts'
import { connectInflux, type InfluxConnection } from './connection.ts'
import { createInfluxStore } from './store.ts'

const part = influxd()
if (part.found === null) test['skip'](`InfluxDB as the only store (${part.missing})`, () => undefined)
else againstInfluxd(part.found)

function againstInfluxd(binary: string): void {
  let server: Influxd
  let opened = 0
  beforeAll(async () => {
    server = await startInfluxd(binary)
  })
  afterAll(() => server.remove())

  const connect = async (): Promise<InfluxConnection> => {
    const connection = connectInflux({ url: server.url, api: 'v1', database: `test_${++opened}`, timeoutMs: 10_000 })
    await connection.prepare()
    return connection
  }

  describeStore('influxd 1.6', async () => createInfluxStore({ connection: await connect(), control: createMemoryStore() }), {
    versions: true,
    parquet: false,
  })

  describe('x', () => {
    test('y', () => expect(1).toBe(1))
  })
}
