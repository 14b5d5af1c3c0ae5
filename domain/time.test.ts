import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dayEnd, dayStart, formatDuration, formatLocal, parseDigits, parseDuration, parseInstant } from './time.ts'
import { instantOf, isTimeZone, offsetAt } from './time-zone.ts'

const at = (value: unknown, iso: string, zone: string | null = null) =>
  expect({ value, ...parseInstant(value, zone) }).toEqual({ value, at: Date.parse(iso) })
const refused = (value: unknown, reason: string, zone: string | null = null) =>
  expect({ value, reason: parseInstant(value, zone).reason }).toEqual({ value, reason })

test('ISO 8601 with an offset is read to the millisecond', () => {
  at('2026-11-22T02:15:00+08:00', '2026-11-21T18:15:00Z')
  at('2026-11-22T02:15:00Z', '2026-11-22T02:15:00Z')
  at('2026-11-22T02:15Z', '2026-11-22T02:15:00Z')
  at('2026-11-22 02:15:00.5-03:30', '2026-11-22T05:45:00.500Z')
  at('2026-11-22t02:15:00,123456z', '2026-11-22T02:15:00.123Z')
  at('2026-11-22T02:15:00+0800', '2026-11-21T18:15:00Z')
  at('2026-11-22T02:15:00+08', '2026-11-21T18:15:00Z')
  at('2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z')
  at('2026-12-31T24:00:00Z', '2027-01-01T00:00:00Z')
  at('2026-12-31T23:59:60Z', '2027-01-01T00:00:00Z')
})

test('what is no time is refused, with the reason', () => {
  for (const text of ['', 'now', '2026-11-22', '2026-11-22T', '2026-11-22T25:00:00Z', '2026-11-22T24:00:01Z', '2026-11-22T02:60:00Z'])
    refused(text, 'bad-time')
  for (const text of [
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
  ])
    refused(text, 'bad-time')
  for (const text of [
    '2026-11-22T02:15:00+16:00',
    '2026-11-22T02:15:00+08:0',
    '2026-11-22T02:15:00Zz',
    '2026-11-22T02:15:61Z',
    '2026-11-22T02:15:00.Z',
  ])
    refused(text, 'bad-time')
  for (const value of [null, undefined, {}, true, NaN, Infinity, '2026-1-22T02:15:00Z', '٢026-11-22T02:15:00Z', '1700000000'])
    refused(value, 'bad-time')
  for (const text of ['2026-11-22T02:15:00', '2026-11-22 02:15', '2026-11-22T02:15:00.25']) refused(text, 'no-offset')
  refused('1970-01-01T00:00:12Z', 'time-1970')
  expect(parseInstant('1970-01-01T00:00:12+08:00')).toEqual({ reason: 'time-1970', shown: 12_000 - 8 * 3_600_000 })
  expect(parseInstant('1899-12-31T23:59:59Z')).toEqual({ reason: 'time-1970' })
  expect(parseInstant(-1e300)).toEqual({ reason: 'time-1970' })
  refused('1999-12-31T23:59:59Z', 'time-1970')
})

test('an epoch is told by its size', () => {
  at(1_763_777_700, '2025-11-22T02:15:00Z')
  at(1_763_777_700.25, '2025-11-22T02:15:00.250Z')
  at(1_763_777_700_000, '2025-11-22T02:15:00Z')
  refused(1_763_777_700_000_000, 'time-microseconds')
  refused(1_763_777_700_000_000_000, 'time-microseconds')
  refused(0, 'time-1970')
  refused(-1, 'time-1970')
  refused(86_400, 'time-1970')
  refused(900_000_000_000, 'time-1970')
})

test('a local time needs a declared zone; gaps and overlaps are defined', () => {
  at('2026-11-22T02:15:00', '2026-11-21T18:15:00Z', 'Asia/Shanghai')
  at('2026-11-22 02:15:00', '2026-11-21T18:15:00Z', '+08:00')
  at('2026-11-22 02:15:00', '2026-11-21T18:15:00Z', 'UTC+8')
  at('2026-11-22T02:15:00Z', '2026-11-22T02:15:00Z', 'Asia/Shanghai')
  at('2026-03-29T02:30:00', '2026-03-29T01:30:00Z', 'Europe/Berlin') // never shown: an hour later, 03:30
  at('2026-10-25T02:30:00', '2026-10-25T00:30:00Z', 'Europe/Berlin') // shown twice: the first
  at('2026-10-25T03:00:00', '2026-10-25T02:00:00Z', 'Europe/Berlin')
  at('2026-04-05T01:45:00', '2026-04-04T14:45:00Z', 'Australia/Lord_Howe') // half an hour of summer time
})

test('every moment written with an offset is read back', () => {
  const offset = fc.integer({ min: -14 * 60, max: 14 * 60 })
  fc.assert(
    fc.property(fc.integer({ min: 946_684_800_000 + 86_400_000, max: 7_258_118_400_000 }), offset, (moment, minutes) => {
      const local = new Date(moment + minutes * 60_000).toISOString().slice(0, -1)
      const sign = minutes < 0 ? '-' : '+'
      const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) => String(part).padStart(2, '0'))
      expect(parseInstant(`${local}${sign}${hours}:${rest}`)).toEqual({ at: moment })
      expect(parseInstant(moment)).toEqual({ at: moment })
    }),
  )
})

test('no text makes the reader throw, and what it reads agrees with Date', () => {
  const piece = fc.constantFrom('2026-11-22', 'T', ' ', '02:15', ':00', '.5', 'Z', '+08:00', '-', '99', '١')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const got = parseInstant(pieces.join(''))
      const peer = Date.parse(pieces.join(''))
      if (got.at !== undefined && !Number.isNaN(peer)) expect(got.at).toBe(peer)
    }),
  )
})

test('a duration is numbers with units, read and written', () => {
  const reads = (text: unknown, ms: number | null) => expect({ text, ms: parseDuration(text) }).toEqual({ text, ms })
  reads('15m', 900_000)
  reads('5h', 18_000_000)
  reads('30s', 30_000)
  reads('7d', 604_800_000)
  reads('1h30m', 5_400_000)
  reads('1 h 30 min', 5_400_000)
  reads('0.5s', 500)
  reads('250ms', 250)
  reads('2w', 1_209_600_000)
  for (const text of ['', '15', 'm', '15x', '-5m', '5m later', '1e3s', 15, null, '9'.repeat(39) + 'd']) reads(text, null)
  expect(formatDuration(90_000)).toBe('1m30s')
  expect(formatDuration(0)).toBe('0s')
  expect(formatDuration(604_800_000)).toBe('7d')
  fc.assert(fc.property(fc.integer({ min: 0, max: 1e13 }), (ms) => expect(parseDuration(formatDuration(ms))).toBe(ms)))
})

test('a day has 23, 24 or 25 hours and begins when the network says', () => {
  const hours = (iso: string, zone: string, starts: number) => {
    const moment = Date.parse(iso)
    return [
      new Date(dayStart(moment, zone, starts)).toISOString(),
      (dayEnd(moment, zone, starts) - dayStart(moment, zone, starts)) / 3_600_000,
    ]
  }
  expect(hours('2026-11-22T02:15:00Z', 'Asia/Shanghai', 480)).toEqual(['2026-11-22T00:00:00.000Z', 24])
  expect(hours('2026-11-21T23:59:59Z', 'Asia/Shanghai', 480)).toEqual(['2026-11-21T00:00:00.000Z', 24])
  expect(hours('2026-11-22T02:15:00Z', 'Asia/Shanghai', 0)).toEqual(['2026-11-21T16:00:00.000Z', 24])
  expect(hours('2026-03-29T12:00:00Z', 'Europe/Berlin', 0)).toEqual(['2026-03-28T23:00:00.000Z', 23])
  expect(hours('2026-10-25T12:00:00Z', 'Europe/Berlin', 0)).toEqual(['2026-10-24T22:00:00.000Z', 25])
  expect(hours('2026-04-05T01:00:00Z', 'Australia/Lord_Howe', 0)).toEqual(['2026-04-04T13:00:00.000Z', 24.5])
})

test('digits alone are the time of a zone, or none', () => {
  const reads = (text: string, expected: object): void =>
    expect({ text, ...parseDigits(text, '+08:00') }).toMatchObject({ text, ...expected })
  reads('20260801085857', { at: Date.parse('2026-08-01T08:58:57+08:00') })
  reads('20261231240000', { at: Date.parse('2027-01-01T00:00:00+08:00') })
  reads('20240229000060', { at: Date.parse('2024-02-29T00:01:00+08:00') })
  for (const text of ['20260229000000', '20261301000000', '20260801085857223', '2026080108585', '2026080108585x', '20260801086057', ''])
    reads(text, { reason: 'bad-time' })
  reads('19991231000000', { reason: 'time-1970' })
})

test('days tile time without gap or overlap', () => {
  const zone = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', '+05:45')
  const moment = fc.integer({ min: Date.parse('2001-01-01T00:00:00Z'), max: Date.parse('2040-01-01T00:00:00Z') })
  fc.assert(
    fc.property(moment, zone, fc.constantFrom(0, 480, 540, 1439), (now, name, starts) => {
      const [start, end] = [dayStart(now, name, starts), dayEnd(now, name, starts)]
      expect(start <= now && now < end).toBe(true)
      expect(dayStart(end, name, starts)).toBe(end)
      expect(dayStart(start, name, starts)).toBe(start)
      expect(end - start).toBeGreaterThanOrEqual(23 * 3_600_000)
      expect(end - start).toBeLessThanOrEqual(25 * 3_600_000)
    }),
  )
})

test('offsets agree with Intl at every hour of a year', () => {
  for (const zone of ['Europe/Berlin', 'Africa/Casablanca', 'Asia/Shanghai', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Pacific/Apia']) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    for (let moment = Date.parse('2011-01-01T00:30:00Z'); moment < Date.parse('2012-02-01T00:00:00Z'); moment += 3_600_000 * 5) {
      const name = format.formatToParts(moment).find((part) => part.type === 'timeZoneName')?.value ?? ''
      const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? []
      const wanted = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
      expect({ zone, moment, offset: offsetAt(moment, zone) }).toEqual({ zone, moment, offset: wanted + 0 })
    }
  }
})

test('a zone is an IANA name or an offset, nothing else', () => {
  for (const zone of ['Asia/Shanghai', 'UTC', 'Z', '+08:00', '-0330', 'UTC+8', 'America/Argentina/Buenos_Aires'])
    expect(isTimeZone(zone)).toBe(true)
  for (const zone of ['', 'Asia/Shangai', '+25:00', '8', 'Beijing time', '../etc']) expect(isTimeZone(zone)).toBe(false)
  expect(() => offsetAt(0, 'Asia/Shangai')).toThrow('time zone "Asia/Shangai" is not known')
})

test('a moment is written as its zone shows it', () => {
  const moment = Date.parse('2026-11-21T18:15:00Z')
  expect(formatLocal(moment, 'Asia/Shanghai')).toBe('2026-11-22T02:15:00+08:00')
  expect(formatLocal(moment, 'America/St_Johns')).toBe('2026-11-21T14:45:00-03:30')
  expect(formatLocal(moment, 'UTC')).toBe('2026-11-21T18:15:00+00:00')
  expect(parseInstant(formatLocal(moment, 'Europe/Berlin'))).toEqual({ at: moment })
  expect(instantOf(Date.parse('2026-11-22T02:15:00Z'), 'Asia/Shanghai')).toBe(moment)
})
