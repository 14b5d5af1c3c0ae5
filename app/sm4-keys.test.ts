import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { deviceId } from '../domain/ids.ts'
import { openSm4Keys } from './sm4-keys.ts'

test('keys are read from a file, newest first, and again when it changes', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  const file = path.join(folder, 'keys')
  const warnings: string[] = []
  try {
    const [a, b] = ['aa'.repeat(16), 'bb'.repeat(16)]
    writeFileSync(file, `# keys\nworks ${a} ${b} # since May\nother 12\n`)
    const keysOf = openSm4Keys(file, (message) => void warnings.push(message))
    const shown = (id: string): string[] => keysOf(deviceId(id)).map((key) => key.toString('hex'))
    expect([shown('works'), shown('other'), shown('nobody')]).toEqual([[a, b], [], []])
    expect(warnings).toEqual(['SM4 keys, line 3 (other): a key has 32 hexadecimal digits'])
    writeFileSync(file, `works ${b}\n`)
    utimesSync(file, 1, 1)
    expect(shown('works')).toEqual([b])
    rmSync(file)
    expect([shown('works'), shown('works')]).toEqual([[b], [b]])
    expect(warnings[1]).toContain('ENOENT')
    expect(warnings).toHaveLength(2)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('no file, no keys', () => {
  const keysOf = openSm4Keys('', () => {
    throw new Error('nothing is read')
  })
  expect(keysOf(deviceId('works'))).toEqual([])
})
