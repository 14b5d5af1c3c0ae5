import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { crc212, crcModbus, isPossibleCrc } from './crc.ts'

/** Annex A word for word: a byte and a bit at a time. */
function byTheStandard(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc = (crc >> 8) ^ byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

test('the CRC is that of annex A, whatever the length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(crc212(bytes)).toBe(byTheStandard(bytes))
      expect(bytes.length === 0 || isPossibleCrc(crc212(bytes))).toBe(true)
    }),
  )
})

test('the check values of both algorithms', () => {
  const check = Buffer.from('123456789')
  expect([crc212(check), crcModbus(check)]).toEqual([0x2f80, 0x4b37])
})
