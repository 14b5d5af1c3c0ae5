import { crc212, crcModbus, writeCrc } from './crc.ts'

/** The edition of the standard that a frame follows, by the version bits of its Flag (HJ 212-2017 table 3). */
export type Edition = '2005' | '2017' | '2025'
const editions: readonly Edition[] = ['2005', '2017', '2025']

/** One frame, read. Fields as sent; empty where the frame has none. */
export interface Frame {
  /** Request number: 17 digits, Beijing time to the ms. */
  qn: string
  st: string
  cn: string
  pw: string
  mn: string
  /** 0 where the frame has none (2005). Bits: V5…V0 edition, D, A. */
  flag: number
  edition: Edition
  /** A = 1: the sender waits for an answer. */
  wantsAnswer: boolean
  /** One of several packets of a message, counted from 1. */
  part: { number: number; of: number } | null
  /** RF=1 of the 2025 edition: sent again later. */
  isResent: boolean
  /** What stands between `CP=&&` and the last `&&`. */
  area: string
}

/** What a frame is written from; what is left out is not written. */
export interface FrameParts extends Pick<Frame, 'qn' | 'st' | 'cn' | 'pw' | 'mn' | 'area'> {
  flag: number | null
  part?: Frame['part']
  isResent?: boolean
}

const areaMark = Buffer.from('CP=&&')
const areaEnd = '&&'

/**
 * Reads a data segment (what stands between length and CRC). Survives what devices make of it: `,` for `;`, spaces, `;;`, a missing `;`
 * before CP, no Flag, an unknown field. Null when there is no data area or no command.
 */
export function parseSegment(segment: Buffer): Frame | null {
  const place = segment.indexOf(areaMark)
  const end = segment.lastIndexOf(areaEnd)
  if (place < 0 || end < place + areaMark.length) return null
  const fields = readHeader(segment.toString('latin1', 0, place))
  if (fields.CN === '') return null
  const flag = wholeNumber(fields.Flag) ?? 0
  const [number, of] = [wholeNumber(fields.PNO), wholeNumber(fields.PNUM)]
  return {
    qn: fields.QN,
    st: fields.ST,
    cn: fields.CN,
    pw: fields.PW,
    mn: fields.MN,
    flag,
    edition: editions[flag >> 2] ?? '2025',
    wantsAnswer: (flag & 1) === 1,
    part: number === null || of === null ? null : { number, of },
    isResent: fields.RF === '1',
    area: segment.toString('utf8', place + areaMark.length, end),
  }
}

/** Fields of a header, by the standard's names; empty where there are none. */
type Header = Record<'QN' | 'ST' | 'CN' | 'PW' | 'MN' | 'Flag' | 'PNUM' | 'PNO' | 'RF', string>

function readHeader(text: string): Header {
  const header: Header = { QN: '', ST: '', CN: '', PW: '', MN: '', Flag: '', PNUM: '', PNO: '', RF: '' }
  eachField(text, (name, value) => {
    if (isHeaderName(name)) header[name] = value
  })
  return header
}

function isHeaderName(name: string): name is keyof Header {
  switch (name) {
    case 'QN':
    case 'ST':
    case 'CN':
    case 'PW':
    case 'MN':
    case 'Flag':
    case 'PNUM':
    case 'PNO':
    case 'RF':
      return true
    default:
      return false
  }
}

const [semicolon, comma, equalSign] = [0x3b, 0x2c, 0x3d]

/** Splits `name=value` fields at `;` and `,` alike: devices take the one for the other, and no value holds either. What has no name is left out. */
export function eachField(text: string, take: (name: string, value: string) => void): void {
  let [from, equals] = [0, -1]
  for (let at = 0; at <= text.length; at++) {
    const mark = at < text.length ? text.charCodeAt(at) : semicolon
    if (mark > equalSign || (mark < semicolon && mark !== comma)) continue // nearly all are letters and digits
    if (mark === equalSign && equals < 0) equals = at
    else if (mark === semicolon || mark === comma) {
      if (equals > from) take(trimmed(text, from, equals), trimmed(text, equals + 1, at))
      from = at + 1
      equals = -1
    }
  }
}

/** A part of a text without white space round it. */
function trimmed(text: string, from: number, to: number): string {
  let [first, behind] = [from, to]
  while (first < behind && text.charCodeAt(first) <= 0x20) first += 1
  while (behind > first && text.charCodeAt(behind - 1) <= 0x20) behind -= 1
  return text.slice(first, behind)
}

function wholeNumber(text: string): number | null {
  return /^\d{1,5}$/.test(text) ? Number(text) : null
}

/** Bytes of the segment as `parseSegment` reads it. */
export function writeSegment({ qn, st, cn, pw, mn, flag, part = null, isResent = false, area }: FrameParts): Buffer {
  const fields = [
    ...(qn === '' ? [] : [`QN=${qn}`]),
    `ST=${st}`,
    `CN=${cn}`,
    `PW=${pw}`,
    `MN=${mn}`,
    ...(flag === null ? [] : [`Flag=${flag}`]),
    ...(part === null ? [] : [`PNUM=${part.of}`, `PNO=${part.number}`]),
    ...(isResent ? ['RF=1'] : []),
    `CP=&&${area}&&`,
  ]
  return Buffer.from(fields.join(';'))
}

/** How a device frames its segments. */
export interface Framing {
  crc: 'hj212' | 'modbus'
  /** Encrypts the data area, the length and CRC being those of the plain segment (2025 edition); null = plain. */
  encrypt: ((segment: Buffer) => Buffer) | null
}

export const plainFraming: Framing = { crc: 'hj212', encrypt: null }

/** The bytes of a frame on the wire: `##`, length, segment, CRC, CR LF. The length counts bytes of the plain segment, at most 9999. */
export function writeFrame(parts: FrameParts, { crc, encrypt }: Framing = plainFraming): Buffer {
  const segment = writeSegment(parts)
  if (segment.length > 9999) throw new RangeError(`writing a frame of CN ${parts.cn}: ${segment.length} characters, 9999 are the most`)
  const check = crc === 'modbus' ? crcModbus(segment) : crc212(segment)
  const head = Buffer.from(`##${String(segment.length).padStart(4, '0')}`)
  return Buffer.concat([head, encrypt === null ? segment : encrypt(segment), Buffer.from(`${writeCrc(check)}\r\n`)])
}

const beijingMs = 8 * 3_600_000

/** `YYYYMMDDhhmmsszzz` in Beijing time: a QN. */
export function writeQn(at: number): string {
  return new Date(at + beijingMs).toISOString().replace(/\D/g, '')
}

/** `YYYYMMDDhhmmss` in Beijing time: DataTime, SystemTime and their like. */
export function writeTime(at: number): string {
  return writeQn(at).slice(0, 14)
}
