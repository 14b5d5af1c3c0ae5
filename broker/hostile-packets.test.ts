import { expect, test } from '@jest/globals'
import type { Refused } from './refusals.ts'
import { login, openBroker, openWebSockets, rawConnection, rawWebSocket, until, type RawConnection } from './testing/brokers.ts'
import { hostilePackets, tryPacket } from './testing/hostile-packets.ts'

test('each hostile packet is answered and counted as written, over TCP and over WebSocket, and others are served', async () => {
  const { port, broker, refused, heard } = await openBroker()
  const healthy = await login(port, 'healthy')
  await tryAll(port, refused, rawConnection)
  await tryAll(await openWebSockets(broker), refused, rawWebSocket)
  await healthy.publishAsync('devices/healthy/readings', 'served', { qos: 1 })
  expect(heard().at(-1)).toBe('devices/healthy/readings served')
  await until(() => broker.figures().connections === 1)
})

async function tryAll(port: number, refused: Refused[], connect: (port: number) => Promise<RawConnection>): Promise<void> {
  for (const one of hostilePackets('secret-of-rtu-1')) {
    refused.length = 0
    const { answer, closed } = await tryPacket(port, 'secret-of-rtu-1', one, connect)
    const said = { what: one.what, answer: answer.toString('hex'), closed, reasons: refused.map(({ reason }) => reason) }
    const reasons = one.reason === null ? [] : [one.reason]
    expect(said).toEqual({ what: one.what, answer: one.answer.toString('hex'), closed: one.closed, reasons })
  }
}
