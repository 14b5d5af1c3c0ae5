import { expect, test } from '@jest/globals'
import type { Delivery } from '../../domain/delivery.ts'
import { deviceId } from '../../domain/ids.ts'
import { writeFrame } from './frame.ts'
import { encryptSegment } from './sm4.ts'
import { dataArea, frameBytes, hj212Device, mn, openSession, type SessionBench } from './testing/session-bench.ts'

test('a frame is answered when the journal has it, and not before', async () => {
  const held: { delivery: Delivery; keep: () => void }[] = []
  const { say, heard, until } = openSession(undefined, {
    accept: (delivery) => new Promise((keep) => void held.push({ delivery, keep })),
  })
  say()
  await until(() => held.length === 1)
  expect(held[0]?.delivery).toMatchObject({ device: 'logger', source: 'hj212', topic: 'hj212/2011' })
  expect(Buffer.from(held[0]?.delivery.payload ?? []).toString()).toBe(frameBytes().toString().trimEnd())
  expect(heard).toEqual([])
  held[0]?.keep()
  await until(() => heard.length === 1)
  expect(heard[0]).toMatchObject({ cn: '9014', st: '91', qn: '20260801085857223', mn, pw: '123456', flag: 4, area: '' })
})

test('each edition is answered in its own version, and only when it asks', async () => {
  const { say, heard, deliveries, until } = openSession()
  for (const flag of [1, 5, 9, 4, 8, null]) say({ flag })
  await until(() => deliveries.length === 6 && heard.length === 3)
  expect(heard.map(({ flag, edition }) => [flag, edition])).toEqual([
    [0, '2005'],
    [4, '2017'],
    [8, '2025'],
  ])
})

test('a journal that is full gives no answer; the frame that comes again is answered', async () => {
  let isFull = true
  const { say, heard, refused, until } = openSession(undefined, {
    accept: () => (isFull ? Promise.reject(new Error('full')) : Promise.resolve()),
  })
  say()
  await until(() => refused.length === 1)
  expect([refused, heard]).toEqual([['journal-refused full'], []])
  isFull = false
  say()
  await until(() => heard.length === 1)
})

test('what is not taken is counted by its reason and gets no answer', async () => {
  const check = async (bytes: Buffer | string, reason: string, device = hj212Device('logger')): Promise<void> => {
    const bench = openSession(device, { mayComeFrom: ({ addresses }) => addresses.length === 0 })
    bench.wire.write(bytes)
    await bench.until(() => bench.refused.length > 0)
    expect(bench.refused[0]?.split(' ')[0]).toBe(reason)
    bench.say({ mn })
    expect([bench.heard, bench.deliveries]).toEqual([[], []])
  }
  await check(`junk${frameBytes({ flag: 4 }).toString().slice(0, 20)}`, 'junk')
  await check(frameBytes().toString().replace('20.1', '20.2'), 'wrong-crc')
  await check(frameBytes({ mn: 'nobody' }), 'unknown-mn')
  await check(frameBytes({ pw: '654321' }), 'wrong-password')
  await check(frameBytes(), 'foreign-address', hj212Device('logger', {}, ['10.9.9.9']))
  await check(frameBytes(), 'hj212-crc', hj212Device('logger', { crc: 'modbus' }))
  await check(frameBytes({ cn: '9014' }), 'unexpected-answer')
})

test('a frame that is odd is taken and noted', async () => {
  const check = async (parts: Parameters<typeof frameBytes>[0], ...odd: string[]): Promise<void> => {
    const bench = openSession(hj212Device('logger', { mn: parts?.mn ?? mn }), {
      identify: async () => ({ role: 'device', device: deviceId('logger'), run: null }),
    })
    bench.say(parts)
    await bench.until(() => bench.deliveries.length === 1)
    expect([bench.odd, bench.refused]).toEqual([odd, []])
  }
  await check({})
  await check({ mn: '88888880000032', flag: 0 })
  await check({ mn: '88888880000032' }, 'mn')
  await check({ mn: 'JLYP01_AIR01_0001', pw: 'BF470F88957588DE902D1A52' }, 'pw', 'mn')
  await check({ cn: '9021', qn: '', st: 'x' }, 'qn', 'st', 'cn')
  await check({ part: { number: 3, of: 2 }, flag: 7 }, 'part')
})

test('too many wrong passwords end the connection', async () => {
  const { say, refused, isClosed, until } = openSession()
  for (let i = 0; i < 3; i++) say({ pw: `wrong${i}` })
  await until(isClosed)
  expect(refused.map((line) => line.split(' ')[0])).toEqual([...Array<string>(3).fill('wrong-password'), 'too-many-passwords'])
})

test('a device that declares Modbus is answered in Modbus', async () => {
  const { wire, heard, until } = openSession(hj212Device('logger', { crc: 'modbus' }))
  const parts = { qn: '1', st: '32', cn: '2011', pw: '123456', mn, flag: 5, area: dataArea }
  wire.write(writeFrame(parts, { crc: 'modbus', encrypt: null }))
  await until(() => heard.length === 1)
})

test('an encrypted frame is journalled in plain text', async () => {
  const key = Buffer.alloc(16, 7)
  const { wire, deliveries, until } = openSession(hj212Device('logger', { sm4: 'hex' }), { keysOf: () => [Buffer.alloc(16), key] })
  const parts = { qn: '1', st: '32', cn: '2011', pw: '123456', mn, flag: 9, area: dataArea }
  wire.write(writeFrame(parts, { crc: 'hj212', encrypt: (segment) => encryptSegment(segment, key, 'hex') }))
  await until(() => deliveries.length === 1)
  expect(Buffer.from(deliveries[0]?.payload ?? []).toString()).toBe(writeFrame(parts).toString().trimEnd())
})

test('half a frame is given up in time, and the next one is taken', async () => {
  const { wire, say, refused, deliveries, fire, until } = openSession()
  wire.write(frameBytes().subarray(0, 50))
  await until(() => fire(11) === 1)
  expect(refused[0]).toMatch(/^truncated/)
  say()
  await until(() => deliveries.length === 1)
})

test('a frame whose CR LF never comes is taken', async () => {
  const { wire, deliveries, until } = openSession()
  wire.write(frameBytes().toString().trimEnd())
  await until(() => deliveries.length === 1)
})

test('packets of a message are kept and answered one by one; missing and repeated ones are counted', async () => {
  const { say, heard, deliveries, refused, fire, until } = openSession()
  const part = (number: number, qn: string, more: object = {}): void => say({ flag: 7, part: { number, of: 2 }, qn, ...more })
  part(1, '20260801085857534')
  part(2, '20260801085857535')
  await until(() => heard.length === 2)
  expect(heard.map(({ qn }) => qn)).toEqual(['20260801085857534', '20260801085857535'])
  expect(refused).toEqual([])
  part(1, '1', { cn: '2061' })
  part(1, '1', { cn: '2061' })
  await until(() => deliveries.length === 4)
  expect(refused).toEqual([`split-repeated ${mn} 2061 20260801085857: packet 1`])
  part(1, '2', { cn: '2031' })
  part(2, '3', { cn: '2031' })
  await until(() => heard.length === 6)
  expect(fire(12)).toBe(1)
  expect(refused.slice(1)).toEqual([`split-incomplete ${mn} 2061 20260801085857: 1 of 2 packets did not come`])
})

test('a message that is not whole is counted once: in time, though nothing more comes, or when its line ends', async () => {
  const { say, session, heard, refused, fire, until } = openSession()
  say({ flag: 7, part: { number: 1, of: 3 } })
  await until(() => heard.length === 1)
  expect(fire(12)).toBe(1)
  expect(refused).toEqual([`split-incomplete ${mn} 2011 20260801085857: 2 of 3 packets did not come`])
  say({ flag: 7, cn: '2061', part: { number: 1, of: 2 } })
  await until(() => heard.length === 2)
  session.end()
  expect([refused.slice(1), fire(12)]).toEqual([[`split-incomplete ${mn} 2061 20260801085857: 1 of 2 packets did not come`], 0])
})

test('many frames at once wait for the journal in their order, a few at a time', async () => {
  const [waiting, order]: [(() => void)[], string[]] = [[], []]
  const { wire, heard, until } = openSession(undefined, {
    accept: ({ payload }) =>
      new Promise((keep) => {
        order.push(/QN=(\d+)/.exec(Buffer.from(payload).toString())?.[1] ?? '')
        waiting.push(keep)
      }),
  })
  const qns = Array.from({ length: 20 }, (_, i) => String(100 + i))
  wire.write(Buffer.concat(qns.map((qn) => frameBytes({ qn }))))
  await until(() => waiting.length === 4)
  await new Promise((resolve) => setImmediate(resolve))
  expect(waiting.length).toBe(4)
  await until(() => {
    for (const keep of waiting.splice(0)) keep()
    return heard.length === 20
  })
  expect(order).toEqual(qns)
})

test('draining answers what was read and takes no more', async () => {
  const waiting: (() => void)[] = []
  const { session, say, heard, until } = openSession(undefined, { accept: () => new Promise((keep) => void waiting.push(keep)) })
  say()
  await until(() => waiting.length === 1)
  let isDrained = false
  const drained = session.drain().then(() => (isDrained = true))
  say()
  await new Promise((resolve) => setImmediate(resolve))
  expect([isDrained, waiting.length]).toEqual([false, 1])
  waiting[0]?.()
  await drained
  await until(() => heard.length === 1)
})

/** A session whose station has said something. */
async function connected(): Promise<SessionBench> {
  const bench = openSession()
  bench.say({ flag: 4 })
  await bench.until(() => bench.deliveries.length === 1)
  return bench
}

const history = { cn: '2061', area: 'BeginTime=20260801000000;EndTime=20260801080000' }

test('a request is acknowledged, brings data, and ends with its result', async () => {
  const { stations, heard, deliveries, say, until } = await connected()
  const asked = stations[0]?.requests.ask(history)
  await until(() => heard.length === 1)
  expect(heard[0]).toMatchObject({ ...history, st: '32', pw: '123456', mn, flag: 5, qn: '20260801090000001' })
  const qn = heard[0]?.qn ?? ''
  say({ cn: '9011', st: '91', flag: 4, qn, area: 'QnRtn=1' })
  say({ cn: '2061', qn: '3', area: 'DataTime=20260801070000;w01018-Avg=1' })
  await until(() => deliveries.length === 2 && heard.length === 2)
  expect(heard[1]).toMatchObject({ cn: '9014', qn: '3' })
  say({ cn: '9012', st: '91', flag: 4, qn, area: 'ExeRtn=1' })
  expect(await asked).toEqual({ outcome: 'done', detail: 'carried out', areas: ['DataTime=20260801070000;w01018-Avg=1'] })
})

test('a request without an answer is sent again with the same QN, then given up', async () => {
  const { stations, heard, fire, until } = await connected()
  const asked = stations[0]?.requests.ask(history)
  for (let times = 1; times <= 3; times++) {
    await until(() => heard.length === times)
    expect(fire(13)).toBe(1)
  }
  expect(await asked).toMatchObject({ outcome: 'no-answer', detail: 'no answer after 3 times' })
  expect(new Set(heard.map(({ qn }) => qn)).size).toBe(1)
})

test('a request may be refused, fail, bring nothing, or stop in the middle', async () => {
  const check = async (ending: (bench: SessionBench, qn: string) => unknown, outcome: string, detail: string): Promise<void> => {
    const bench = await connected()
    const asked = bench.stations[0]?.requests.ask(history)
    await bench.until(() => bench.heard.length === 1)
    await ending(bench, bench.heard[0]?.qn ?? '')
    expect(await asked).toMatchObject({ outcome, detail: expect.stringContaining(detail) as unknown })
  }
  const answer = (bench: SessionBench, cn: string, qn: string, area: string): void => bench.say({ cn, st: '91', flag: 4, qn, area })
  await check((bench, qn) => answer(bench, '9011', qn, 'QnRtn=3'), 'refused', 'wrong password')
  await check((bench, qn) => answer(bench, '9012', qn, 'ExeRtn=5'), 'busy', 'busy')
  await check((bench, qn) => answer(bench, '9012', qn, 'ExeRtn=2'), 'refused', 'no known reason')
  await check((bench, qn) => answer(bench, '9012', qn, 'ExeRtn=100'), 'done', 'no data')
  await check((bench) => bench.session.disconnect(), 'unreachable', 'the line broke')
  await check(
    async (bench, qn) => {
      answer(bench, '9011', qn, 'QnRtn=1')
      await bench.until(() => bench.fire(14) === 1)
    },
    'no-answer',
    'neither data nor a result',
  )
})

test('data that nobody asked for put off no time-out, and what is asked for puts it off ten times at most', async () => {
  const acknowledged = async (): Promise<SessionBench & { asked: Promise<unknown> | undefined }> => {
    const bench = await connected()
    const asked = bench.stations[0]?.requests.ask(history)
    await bench.until(() => bench.heard.length === 1)
    bench.say({ cn: '9011', st: '91', flag: 4, qn: bench.heard[0]?.qn ?? '', area: 'QnRtn=1' })
    return { ...bench, asked }
  }
  const kept = async ({ say, deliveries, until }: SessionBench, cn: string): Promise<void> => {
    const before = deliveries.length
    say({ cn, flag: 4 })
    await until(() => deliveries.length > before)
  }
  const started: number[] = []
  const reports = await acknowledged()
  const { setTimeout: start } = reports.timers
  reports.timers.setTimeout = (run, ms) => (started.push(ms), start(run, ms))
  await kept(reports, '2011')
  await kept(reports, '2051')
  expect(started).toEqual([])
  await kept(reports, '2061')
  expect(started).toEqual([14])
  expect(reports.fire(14)).toBe(1)
  expect(await reports.asked).toMatchObject({ outcome: 'no-answer', areas: [dataArea] })
  expect(reports.fire(140)).toBe(0)

  const endless = await acknowledged()
  for (let i = 0; i < 3; i++) await kept(endless, '2061')
  expect(endless.fire(140)).toBe(1)
  expect(await endless.asked).toMatchObject({ outcome: 'no-answer', detail: 'no result in 10 times the time that it has' })
  expect(endless.fire(14)).toBe(0)
})

test('an answer, its data and its result in one burst are one result, however slow the journal is', async () => {
  const held: (() => void)[] = []
  let isSlow = false
  const bench = openSession(undefined, { accept: () => (isSlow ? new Promise((keep) => void held.push(keep)) : Promise.resolve()) })
  bench.say()
  await bench.until(() => bench.heard.length === 1)
  isSlow = true
  const asked = bench.stations[0]?.requests.ask(history)
  await bench.until(() => bench.heard.length === 2)
  const answer = { st: '91', flag: 4, qn: bench.heard[1]?.qn ?? '' }
  const areas = ['DataTime=20260801070000;w01018-Avg=1', 'DataTime=20260801080000;w01018-Avg=2']
  bench.wire.write(
    Buffer.concat([
      frameBytes({ ...answer, cn: '9011', area: 'QnRtn=1' }),
      ...areas.map((area, i) => frameBytes({ cn: '2061', qn: String(i), area })),
      frameBytes({ ...answer, cn: '9012', area: 'ExeRtn=1' }),
    ]),
  )
  expect(await asked).toEqual({ outcome: 'done', detail: 'carried out', areas })
  expect([held.length, bench.heard.length]).toEqual([2, 2])
  for (const keep of held) keep()
  await bench.until(() => bench.heard.length === 4)
  expect(bench.heard.slice(2).map(({ cn, qn }) => [cn, qn])).toEqual([
    ['9014', '0'],
    ['9014', '1'],
  ])
})

test('requests go one after the other; a notice ends with 9013; for too many the station is busy', async () => {
  const { stations, heard, say, until } = await connected()
  const requests = stations[0]?.requests
  const first = requests?.ask({ cn: '2012', area: '', ends: 'notice' })
  const others = Array.from({ length: 18 }, () => requests?.ask(history))
  await until(() => heard.length === 1)
  expect(await others[17]).toMatchObject({ outcome: 'busy', detail: '16 requests wait for the station already' })
  say({ cn: '9013', st: '91', flag: 4, qn: heard[0]?.qn ?? '', area: '' })
  expect(await first).toMatchObject({ outcome: 'done' })
  await until(() => heard.length === 2)
  expect(heard[1]?.cn).toBe('2061')
})

test('a station that asks for the time gets an answer, and the time', async () => {
  const check = async (area: string, flag: number, asked: string): Promise<void> => {
    const { say, heard, until } = openSession()
    say({ cn: '1013', area, flag })
    await until(() => heard.length === 2)
    expect(heard[0]).toMatchObject({ cn: '9013', qn: '20260801085857223' })
    expect(heard[1]).toMatchObject({ cn: '1012', area: asked })
  }
  await check('PolId=w01018', 5, 'PolId=w01018;SystemTime=20260801090000')
  await check('PolId=w01018', 4, 'PolId=w01018;SystemTime=20260801090000')
  await check('', 4, 'SystemTime=20260801090000')
  await check('PolId=not a code', 5, 'SystemTime=20260801090000')
})

test('a heartbeat is answered where that is switched on, else kept as what it is', async () => {
  const on = openSession(undefined, { answersHeartbeats: true })
  on.say({ cn: '9015', area: '' })
  await on.until(() => on.heard.length === 1)
  expect(on.heard[0]?.cn).toBe('9013')
  const off = openSession()
  off.say({ cn: '9015', area: '' })
  await off.until(() => off.deliveries.length === 1)
})
