import mqtt, { type MqttClient } from 'mqtt'
import { expect, test } from '@jest/globals'
import type { AuditEntry } from '../domain/audit.ts'
import { riverNetwork, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const connect = (system: ServedSystem, username: string, password: string): MqttClient => {
  const client = mqtt.connect(system.mqtt, { username, password, reconnectPeriod: 0 })
  return client.on('error', () => undefined)
}

/** `in`, or the return code of the refusal. */
const enters = (system: ServedSystem, username: string, password: string): Promise<string | number> =>
  new Promise((resolve) => {
    const client = connect(system, username, password)
    client.once('connect', () => client.end(true, () => resolve('in')))
    client.once('error', (error) => resolve((error as { code?: number }).code ?? String(error)))
  })

const secretOf = async (system: ServedSystem, path: string): Promise<string> =>
  (await system.send<{ secret: string }>('POST', `/api/v1/devices/${path}`, {})).secret

/** How often each reason stands in the audit log. */
async function audited(system: ServedSystem): Promise<Map<string, number>> {
  const { entries } = await system.get<{ entries: AuditEntry[] }>('/api/v1/audit?limit=1000')
  const counts = new Map<string, number>()
  for (const { action, reason, count } of entries) {
    const name = reason === null ? action : `${action} ${reason}`
    counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return counts
}

test('devices are provisioned, change their secret, are put out, and all of it stands in the audit log', async () => {
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(3))
  const system = await serve({ flags: ['--no-demo', '--network', network] })

  const rows = Array.from({ length: 10_000 }, (_, i) => ({ id: `d-${i}`, stations: [`gauge-${1 + (i % 3)}`] }))
  const { devices } = await system.send<{ devices: { secret: string | null; problem: string | null }[] }>('POST', '/api/v1/devices', {
    devices: [...rows, { id: 'wrong', stations: ['nowhere'] }],
  })
  expect(devices.filter((row) => row.problem !== null)).toHaveLength(1)
  const last = devices[9_999]?.secret ?? ''
  expect(await enters(system, 'd-9999', last)).toBe('in')
  expect(await enters(system, 'd-9998', last)).toBe(4)

  const old = await secretOf(system, 'logger-1/secret')
  const fresh = await secretOf(system, 'logger-1/secret?overlap=1h')
  expect([await enters(system, 'logger-1', old), await enters(system, 'logger-1', fresh)]).toEqual(['in', 'in'])

  const { code } = await system.send<{ code: string }>('POST', '/api/v1/claims', { minutes: 5 })
  const { secret: claimed } = await system.send<{ secret: string }>('POST', '/api/v1/devices/logger-2/claim', { code })
  await expect(system.send('POST', '/api/v1/devices/logger-2/claim', { code })).rejects.toThrow('claim-refused')

  const live = connect(system, 'logger-2', claimed)
  await new Promise((resolve) => live.once('connect', resolve))
  const cut = new Promise<void>((resolve) => live.once('close', () => resolve()))
  await system.send('POST', '/api/v1/devices/logger-2/revoke', {})
  await cut
  expect(await enters(system, 'logger-2', claimed)).toBe(4)

  await until(async () => (await audited(system)).get('mqtt-refused login-refused') === 2, 10_000, 'the refusals in the audit log')
  expect(Object.fromEntries(await audited(system))).toMatchObject({
    start: 1,
    addDevices: 1,
    deviceSecret: 2,
    openClaims: 1,
    claimDevice: 1,
    'claimDevice claim-refused': 1,
    revokeDevice: 1,
    'mqtt-login': 4,
  })
  const metrics = await (await fetch(`${system.url}/metrics`)).text()
  expect(metrics).toContain('gaugekeeper_broker_refused_total{reason="login-refused"} 2')
  expect(metrics).toContain('gaugekeeper_device_claims_total{outcome="refused"} 1')
  expect(await system.stop()).toBe(0)
}, 60_000)
