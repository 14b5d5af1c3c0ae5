/** The table of CRC-16/ARC (polynomial 0xA001, right shifting), which both algorithms share. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  return crc
})

/** The only results that `crc212` has, but for the empty text's FFFF. */
const possible: ReadonlySet<number> = new Set(table)

/**
 * The CRC of HJ 212-2017 annex A: like Modbus, but each byte meets the high byte, and the low one is thrown away. 256 different results.
 * @example crc212(Buffer.from('123456789')) // 0x2f80
 */
export function crc212(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0xffff
  const last = bytes.length - 1
  let high = 0xff
  let i = 0
  for (; i + 1 < last; i += 2) high = (highTwice[high ^ (bytes[i] ?? 0)] ?? 0) ^ (highOnce[bytes[i + 1] ?? 0] ?? 0)
  if (i < last) high = highOnce[high ^ (bytes[i] ?? 0)] ?? 0
  return table[high ^ (bytes[last] ?? 0)] ?? 0
}

/** Only the high byte is carried from byte to byte; as the table is linear in XOR, two bytes go in one step. */
const highOnce = Uint8Array.from(table, (crc) => crc >> 8)
const highTwice = Uint8Array.from(highOnce, (high) => highOnce[high] ?? 0)

/** CRC-16/Modbus, which some devices send against the standard. `123456789` is 0x4b37. */
export function crcModbus(bytes: Uint8Array): number {
  let crc = 0xffff
  for (let i = 0; i < bytes.length; i++) crc = (crc >> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return crc
}

/** False for a CRC that no text has by `crc212`: who sent it uses another algorithm. */
export const isPossibleCrc = (crc: number): boolean => possible.has(crc)

/** Four upper-case digits, high byte first, as they stand on the wire. */
export const writeCrc = (crc: number): string => crc.toString(16).toUpperCase().padStart(4, '0')
