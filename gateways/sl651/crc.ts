const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1
  return crc
})

/**
 * CRC-16/MODBUS (x16 + x15 + x2 + 1, start FFFF, reflected) of the bytes from `from` (inclusive) to `to` (exclusive). SL 651 sends its high byte
 * first, Modbus itself the low one.
 * @example crc16(Buffer.from('123456789')) // 0x4b37
 */
export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff
  for (let i = from; i < to; i++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return crc
}
