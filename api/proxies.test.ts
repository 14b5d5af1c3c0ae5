import type { IncomingMessage } from 'node:http'
import { expect, test } from '@jest/globals'
import { createUpgradeGuard } from './guards.ts'
import { createProxies } from './proxies.ts'

test('the client is the last address that no trusted proxy has', () => {
  const client = (trusted: string[], remoteAddress: string, forwarded: string | undefined, expected: string) => {
    const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage
    expect(createProxies(trusted).clientOf(request)).toBe(expected)
  }
  client([], '127.0.0.1', '203.0.113.9', '127.0.0.1')
  client(['10.0.0.0/8'], '198.51.100.7', '203.0.113.9', '198.51.100.7')
  client(['10.0.0.0/8'], '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9')
  client(['10.0.0.0/8'], '10.1.2.3', 'forged, 203.0.113.9, 10.9.9.9', '203.0.113.9')
  client(['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3')
  client(['2001:db8::/32'], '2001:db8::1', '2001:dead::1', '2001:dead::1')
})

test('what is no address and no network is no proxy', () => {
  for (const wrong of ['10.0.0.0/33', '10.0', '::/129']) expect(() => createProxies([wrong])).toThrow(RangeError)
})

test('a WebSocket is opened for our names and for our own pages only', () => {
  const guard = createUpgradeGuard(true, ['gauges.example'])
  const opens = (headers: Record<string, string>, expected: boolean, loopback = guard) => expect(loopback(headers)).toBe(expected)
  opens({ host: '127.0.0.1:8080' }, true)
  opens({ host: 'gauges.example', origin: 'https://gauges.example' }, true)
  // some clients name the usual port in the one and not in the other
  opens({ host: 'localhost:80', origin: 'http://localhost' }, true)
  opens({ host: 'evil.example' }, false)
  opens({ host: 'localhost', origin: 'http://evil.example' }, false)
  opens({ host: 'localhost', origin: 'null' }, false)
  opens({ host: 'localhost', 'sec-fetch-site': 'cross-site' }, false)
  opens({ host: 'river.example' }, true, createUpgradeGuard(false, []))
})
