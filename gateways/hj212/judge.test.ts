import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unknownDevice } from '../../domain/codec.ts'
import { needing, sharedFolder } from '../../testing/needing.ts'
import { hj212 } from './codec.ts'
import { crc212, crcModbus, isPossibleCrc } from './crc.ts'
import { writeFrame, writeSegment } from './frame.ts'
import { odditiesOf } from './oddities.ts'
import { judge, plainChecking, type Checking } from './judge.ts'
import { createScanner } from './scanner.ts'
import { decryptSegment, encryptSegment, readSm4Key, type Sm4Wire } from './sm4.ts'
import { readingLines } from './testing/reading-lines.ts'

/** `ok`, or why a frame was not taken. */
function verdict(frame: string | Buffer, checking: Checking = plainChecking): string {
  const scanner = createScanner()
  const [raw] = [...scanner.push(Buffer.from(frame)), ...scanner.flush()]
  if (raw === undefined) return 'nothing'
  return raw.fault ?? judge(raw, checking).fault ?? 'ok'
}

const modbus: Checking = { crc: 'modbus', sm4: null }

test('the check values of both algorithms', () => {
  const check = (text: string, own: number, other: number): void => {
    expect([crc212(Buffer.from(text)), crcModbus(Buffer.from(text))]).toEqual([own, other])
  }
  check('', 0xffff, 0xffff)
  check('\0', 0x4040, 0x40bf)
  check('123456789', 0x2f80, 0x4b37)
})

test('the CRC has 256 results and no others', () => {
  const seen = new Set<number>()
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      seen.add(crc212(bytes))
      expect(isPossibleCrc(crc212(bytes))).toBe(true)
    }),
    { numRuns: 5000 },
  )
  expect(seen.size).toBeLessThanOrEqual(256)
})

test('a CRC in small letters is right, a Modbus one only where the device declares it', () => {
  const frame = '##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&'
  expect(verdict(`${frame}1C80\r\n`)).toBe('ok')
  expect(verdict(`${frame}1c80\r\n`)).toBe('ok')
  expect(verdict(`${frame}0759\r\n`)).toBe('modbus-crc')
  expect(verdict(`${frame}0759\r\n`, modbus)).toBe('ok')
  expect(verdict(`${frame}1C80\r\n`, modbus)).toBe('hj212-crc')
  expect(verdict(`${frame}1C81\r\n`)).toBe('foreign-crc')
  expect(verdict(`${frame}2200\r\n`)).toBe('wrong-crc')
  expect(verdict(`${frame.replace('0101', '0102')}1C80\r\n`)).toBe('wrong-length')
  expect(verdict(writeFrame({ qn: '', st: '32', cn: '', pw: '', mn: '1', flag: 5, area: '' }))).toBe('no-command')
})

const captures = sharedFolder('data', 'device-frames-hj212-sl651', 'hj212_frames.csv')

/** What a frame of the field must be read as, checked by hand. */
interface Golden {
  st: string
  cn: string
  /** With version and answer bits. */
  flag: number
  /** A line for each reading without time and value, and each refusal without its words. */
  readings: string[]
  /** Of the whole lines, times and values among them: SHA-256, the first 16 digits. */
  digest: string
}

/**
 * The frames are single messages of others under no stated licence: for local checks, never to be published. So neither they nor what would give
 * them back (MN, password, QN, times, values) stands here, only what they must become; the digest holds times and values to what was checked.
 */
const goldens = JSON.parse(readFileSync(new URL('testdata/captures.json', import.meta.url), 'utf8')) as Record<string, Golden>
const digestOf = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)
const withoutValue = (line: string): string => line.replace(/^(refused \d+: [\w-]+),.*$/, '$1').replace(/^\S+ (.*) = \S+/, '$1:')

/** Frames of the field that are not taken, and why. */
const refused: Readonly<Record<string, string>> = { hj14: 'wrong-crc', hj27: 'wrong-length', hj29: 'bad-length' }

/** What is odd about those that are taken: MNs of 6 to 17 characters, a PW of 24, a CN that nobody knows, fields that are missing. */
const odd: Readonly<Record<string, string>> = {
  ...{ hj01: 'cn', hj02: 'mn', hj03: 'mn', hj05: 'mn', hj06: 'pw mn', hj07: 'mn', hj09: 'mn', hj11: 'qn', hj13: 'cn mn' },
  ...{ hj19: 'cn', hj25: 'mn', hj26: 'cn', hj30: 'mn' },
}

needing([captures], 'frames of the field: the valid ones are read to the last value, each other one has its reason', (file) => {
  const rows = [...readFileSync(file, 'utf8').matchAll(/^(hj\d+),(\w+),(?:"(.*?)"|([^,]*)),\d+,\d+,[01],\w+,\w+,\w+,(\w+),/gm)]
  expect(rows.length).toBe(21)
  let checked = 0
  for (const [, id = '', , quoted, plain, rule] of rows) {
    const frame = quoted ?? plain ?? ''
    const expected = refused[id] ?? (rule === 'modbus' ? 'modbus-crc' : 'ok')
    expect(`${id} ${verdict(frame)}`).toBe(`${id} ${expected}`)
    if (rule === 'modbus') expect(verdict(frame, modbus)).toBe('ok')
    const decoded = hj212.decode(Buffer.from(frame), unknownDevice, 0)
    const [raw] = createScanner().push(Buffer.from(`${frame}\r\n`))
    const judged = raw === undefined || raw.fault !== undefined ? null : judge(raw, rule === 'modbus' ? modbus : plainChecking)
    if (judged !== null && judged.fault === undefined)
      expect({ id, odd: odditiesOf(judged.frame).join(' ') }).toEqual({ id, odd: odd[id] ?? '' })
    if (judged === null || judged.fault !== undefined) continue
    const { st, cn, flag } = judged.frame
    const lines = readingLines(decoded)
    expect({ id, st, cn, flag, readings: lines.map(withoutValue), digest: digestOf(lines) }).toEqual({ id, ...goldens[id] })
    checked += 1
  }
  expect(checked).toBe(Object.keys(goldens).length)
})

const zeros = readSm4Key('30'.repeat(16))
const plain =
  'QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N&&'

test('SM4 gives what the 2025 edition prints: whole blocks, and a plain rest', () => {
  if (zeros === null) throw new Error('no key')
  const secret = encryptSegment(Buffer.from(plain), zeros, 'hex').toString()
  const area = secret.slice(secret.indexOf('CP=&&') + 5, -2)
  expect(area.slice(-35)).toBe('EF70128554B82438E91ADCE98A0D03A4g=N')
  expect(area.length).toBe(2 * 144 + 3)
  expect(encryptSegment(Buffer.from(plain), zeros, 'braces').toString()).toMatch(/CP=&&\{0x[0-9A-F]{2}(,0x[0-9A-F]{2}){143}\}g=N&&$/)
})

test('an encrypted frame is opened by the right one of the keys, however it stands on the wire', () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes))
  const area = fc.stringMatching(/^[0-9A-Za-z=;.-]{0,120}$/)
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1, maxLength: 3 }),
      fc.nat(2),
      area,
      fc.constantFrom<Sm4Wire>('bytes', 'hex', 'braces'),
      (keys, place, text, wire) => {
        const used = keys[place % keys.length]
        if (used === undefined) return
        const parts = { qn: '20240520210700000', st: '31', cn: '2051', pw: '123456', mn: '1', flag: 9, area: text }
        const bytes = writeFrame(parts, { crc: 'hj212', encrypt: (segment) => encryptSegment(segment, used, wire) })
        const segment = writeSegment(parts)
        expect(decryptSegment(encryptSegment(segment, used, wire), used, wire)?.toString()).toBe(segment.toString())
        const [raw] = createScanner().push(bytes)
        const judged = raw === undefined || raw.fault !== undefined ? null : judge(raw, { crc: 'hj212', sm4: { keys, wire } })
        expect(judged).toMatchObject({ frame: { area: text, cn: '2051' } })
        if (judged !== null && judged.fault === undefined) expect(judged.bytes.toString()).toBe(writeFrame(parts).toString().trimEnd())
      },
    ),
    { numRuns: 1000 },
  )
})

test('a key that does not fit opens nothing; a device with keys may still send plain text', () => {
  if (zeros === null) throw new Error('no key')
  const parts = { qn: '', st: '31', cn: '2051', pw: '1', mn: '1', flag: 9, area: 'DataTime=20240520210600;a01011-Avg=1.35' }
  const checking: Checking = { crc: 'hj212', sm4: { keys: [Buffer.alloc(16)], wire: 'bytes' } }
  const secret = writeFrame(parts, { crc: 'hj212', encrypt: (segment) => encryptSegment(segment, zeros, 'bytes') })
  expect(verdict(secret, checking)).toBe('wrong-crc')
  expect(verdict(secret)).toBe('wrong-crc')
  expect(verdict(writeFrame(parts), checking)).toBe('ok')
  expect([readSm4Key('00'), readSm4Key('x'.repeat(32))]).toEqual([null, null])
})
