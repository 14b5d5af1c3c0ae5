import { crc212, crcModbus, isPossibleCrc, writeCrc } from './crc.ts'
import { parseSegment, type Frame } from './frame.ts'
import type { RawFrame } from './scanner.ts'
import { decryptSegment, type Sm4Key, type Sm4Wire } from './sm4.ts'

/** How a device's frames have to be checked. */
export interface Checking {
  crc: 'hj212' | 'modbus'
  /** Its keys, newest first, and how their work stands on the wire; null = plain text. */
  sm4: { keys: readonly Sm4Key[]; wire: Sm4Wire } | null
}

export const plainChecking: Checking = { crc: 'hj212', sm4: null }

/** Why a frame is not taken. */
export type FrameFault = 'wrong-length' | 'wrong-crc' | 'foreign-crc' | 'modbus-crc' | 'hj212-crc' | 'no-command'

export type Judged =
  | {
      fault?: undefined
      frame: Frame
      /** The frame in plain text, from `##` to the CRC: what is kept. */
      bytes: Buffer
      /** Which of the device's keys opened it; null = it came in plain text. */
      key: number | null
    }
  | { fault: FrameFault; detail: string }

/**
 * Checks length and CRC of a frame. A segment whose length was counted in characters (Chinese text) is taken. An encrypted one is tried
 * with each key; the CRC is over the plain text, so it tells which key is right. One in plain text is taken from any device: not all
 * commands are encrypted.
 */
export function judge(raw: RawFrame, { crc: algorithm, sm4 }: Checking = plainChecking): Judged {
  const plain = check(raw.segment, raw, algorithm)
  if (plain === null) return taken(raw.segment, raw, null)
  if (sm4 === null) return plain
  for (const [place, key] of sm4.keys.entries()) {
    const segment = decryptSegment(raw.segment, key, sm4.wire)
    if (segment !== null && check(segment, raw, algorithm) === null) return taken(segment, raw, place)
  }
  return { ...plain, detail: `${plain.detail}; none of the device's ${sm4.keys.length} SM4 keys opens it` }
}

/** Null when all is right. */
function check(segment: Buffer, { declared, crc }: RawFrame, algorithm: Checking['crc']): { fault: FrameFault; detail: string } | null {
  if (segment.length !== declared && segment.toString('utf8').length !== declared)
    return { fault: 'wrong-length', detail: `its length says ${declared}, its data segment has ${segment.length} bytes` }
  const own = algorithm === 'hj212' ? crc212(segment) : crcModbus(segment)
  if (own === crc) return null
  const other = algorithm === 'hj212' ? crcModbus(segment) : crc212(segment)
  const says = `its CRC says ${writeCrc(crc)}, the segment has ${writeCrc(own)}`
  if (algorithm === 'modbus')
    return other === crc
      ? { fault: 'hj212-crc', detail: `${says}: it follows the standard; take crc: modbus out of its device` }
      : { fault: 'wrong-crc', detail: says }
  if (other === crc)
    return { fault: 'modbus-crc', detail: `${says}: another algorithm, Modbus; correct the device, or declare crc: modbus for it` }
  if (isPossibleCrc(crc)) return { fault: 'wrong-crc', detail: says }
  return {
    fault: 'foreign-crc',
    detail: `${says}: another algorithm (not Modbus over this text), or damage; the standard never gives ${writeCrc(crc)}`,
  }
}

function taken(segment: Buffer, { bytes, declared }: RawFrame, key: number | null): Judged {
  const frame = parseSegment(segment)
  if (frame === null) return { fault: 'no-command', detail: 'it has no CN, or no data area between CP=&& and &&' }
  if (key === null) return { frame, bytes, key }
  const head = Buffer.from(`##${String(declared).padStart(4, '0')}`)
  return { frame, bytes: Buffer.concat([head, segment, bytes.subarray(bytes.length - 4)]), key }
}
