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
  const cn = fields.get('CN') ?? ''
  if (cn === '') return null
  const flag = wholeNumber(fields.get('Flag')) ?? 0
  const [number, of] = [wholeNumber(fields.get('PNO')), wholeNumber(fields.get('PNUM'))]
  return {
    qn: fields.get('QN') ?? '',
    st: fields.get('ST') ?? '',
    cn,
    pw: fields.get('PW') ?? '',
    mn: fields.get('MN') ?? '',
    flag,
    edition: editions[flag >> 2] ?? '2025',
    wantsAnswer: (flag & 1) === 1,
    part: number === null || of === null ? null : { number, of },
    isResent: fields.get('RF') === '1',
    area: segment.toString('utf8', place + areaMark.length, end),
  }
}

function readHeader(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let from = 0
  while (from < text.length) {
    const semicolon = text.indexOf(';', from)
    const comma = text.indexOf(',', from)
    let to = semicolon < 0 ? text.length : semicolon
    if (comma >= 0 && comma < to) to = comma
    const equals = text.indexOf('=', from)
    if (equals > from && equals < to) fields.set(text.slice(from, equals).trim(), text.slice(equals + 1, to).trim())
    from = to + 1
  }
  return fields
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : null
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
