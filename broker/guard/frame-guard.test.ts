import { expect, test } from '@jest/globals'
import { configured } from '../testing/brokers.ts'
import { hostilePackets, packetOf } from '../testing/hostile-packets.ts'
import { FrameGuard } from './frame-guard.ts'

const connect = packetOf('10 ( [ "MQTT" ] 04 02 00 3c [ "x" ] )')

/** What a guard says of bytes that come in pieces of one size: what it lets through, and why it stops. */
function judge(bytes: Buffer, size: number, when: 'first' | 'known' = 'first') {
  const guard = new FrameGuard(configured())
  if (when === 'known') {
    guard.pass(connect)
    guard.loggedIn()
  }
  const passed: Buffer[] = []
  for (let at = 0; at < bytes.length && guard.fault === null; at += size) {
    const packets = guard.pass(Buffer.from(bytes.subarray(at, at + size)))
    if (packets !== null) passed.push(packets)
  }
  return { passed: Buffer.concat(passed), fault: guard.fault?.reason ?? null }
}

/** Reasons that need a login or permissions: the packet itself is well formed. */
const beyond = /^(login-|will-forbidden|client-id-too-long|subscribe-|publish-foreign|publish-reserved)/

test('each hostile packet is refused for its reason, whatever pieces it comes in', () => {
  const cases = hostilePackets('a-secret')
  expect(cases.length).toBeGreaterThan(200)
  for (const { what, when, bytes, reason } of cases) {
    const wellFormed = reason === null || beyond.test(reason)
    const expected = { passed: wellFormed ? bytes.length : 0, fault: wellFormed ? null : reason }
    for (const size of [bytes.length, 1, 7]) {
      const { passed, fault } = judge(bytes, size, when)
      expect({ what, size, passed: passed.length, fault }).toEqual({ what, size, ...expected })
    }
  }
})

test('right packets come through at once when they are whole, and unchanged', () => {
  const packets = [
    connect,
    packetOf('c0 00'),
    packetOf('32 ( [ "devices/rtu-1/readings" ] 00 01 "{}" )'),
    packetOf('30 ( [ "x" ] "y"*3000 )'),
    packetOf('40 ( 00 01 )'),
    packetOf('e0 00'),
  ]
  const bytes = Buffer.concat(packets)
  for (const size of [1, 2, 5, 13, 40, 1_000, bytes.length]) {
    const { passed, fault } = judge(bytes, size)
    expect({ size, same: passed.equals(bytes), fault }).toEqual({ size, same: true, fault: null })
  }
  const guard = new FrameGuard(configured())
  expect(guard.pass(bytes)).toBe(bytes)
})

test('what is wrong with the type or the length is told before the rest comes', () => {
  for (const begun of ['10 ff ff ff 7f', '32', '10 a1 1f', 'f0', '11']) {
    const guard = new FrameGuard(configured())
    guard.pass(packetOf(begun))
    expect(guard.fault).not.toBeNull()
  }
})

test('a fault names its packet, and nothing comes through after it', () => {
  const guard = new FrameGuard(configured())
  expect(guard.pass(Buffer.concat([connect, packetOf('82 ( 00 01 )')]))).toBeNull()
  expect(guard.fault).toEqual({ reason: 'filters-missing', detail: 'SUBSCRIBE' })
  expect(guard.pass(packetOf('c0 00'))).toBeNull()
})

test('packets may be larger after the login, from the next one on', () => {
  const guard = new FrameGuard(configured())
  guard.pass(connect)
  const large = packetOf('30 ( [ "x" ] "y"*200000 )')
  guard.loggedIn()
  expect(guard.pass(large.subarray(0, 70_000))).toBeNull()
  expect(guard.pass(large.subarray(70_000))?.equals(large)).toBe(true)
  guard.pass(packetOf('30 ( [ "x" ] "y"*256000 )').subarray(0, 100))
  expect(guard.fault?.reason).toBe('packet-too-large')
})

test('before the login is answered so many packets may come and no more', () => {
  const guard = new FrameGuard(configured())
  guard.pass(connect)
  const ping = packetOf('c0 00')
  for (let n = 0; n < 31; n++) expect(guard.pass(ping)).toBe(ping)
  guard.pass(ping)
  expect(guard.fault?.reason).toBe('too-early')
})
