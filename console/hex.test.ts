import { expect, test } from '@jest/globals'
import { hexLines } from './hex.ts'

test('bytes are shown sixteen a line with what of them is text, and cut with a sign', () => {
  expect(hexLines(Buffer.from('{"at":12,"values\x00\xff', 'latin1'))).toBe(
    '000000  7b 22 61 74 22 3a 31 32 2c 22 76 61 6c 75 65 73  {"at":12,"values\n' +
      '000010  00 ff                                            ..',
  )
  expect(hexLines(new Uint8Array(40), 32).split('\n')).toHaveLength(3)
  expect(hexLines(new Uint8Array(40), 32)).toMatch(/…$/)
  expect(hexLines(new Uint8Array(0))).toBe('')
})
