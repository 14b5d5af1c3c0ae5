import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { needing, systemdAnalyze } from '../testing/needing.ts'

interface Found {
  message: string
  range: { start: { line: number } }
}
const { validate } = createRequire(import.meta.url)('dockerfile-utils') as { validate(text: string, settings?: object): Found[] }

const root = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const dockerfile = readFileSync(root('Dockerfile'), 'utf8')
const unit = readFileSync(root('deploy/gaugekeeper.service'), 'utf8')

test('the Dockerfile has no fault that its linter knows, and runs as a plain user who writes to /data only', () => {
  expect(validate(dockerfile).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([])
  expect(validate('FROM node\nRUM x')).not.toEqual([])
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  expect(last).toMatch(/^USER node$/m)
  expect([...last.matchAll(/^VOLUME (.+)$/gm)].map(([, place]) => place)).toEqual(['/data'])
})

needing([systemdAnalyze()], 'the systemd unit has no fault, and little is exposed', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
  const file = path.join(folder, 'gaugekeeper.service')
  writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath))
  const analyze = (...args: string[]): string =>
    execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  expect(analyze('verify', file)).toBe('')
  writeFileSync(path.join(folder, 'bad.service'), '[Service]\nExecStart=/no/such/program\n')
  expect(() => analyze('verify', path.join(folder, 'bad.service'))).toThrow('/no/such/program')
  const exposure = Number(/exposure level for [^:]+: ([\d.]+)/.exec(analyze('security', '--offline=true', file))?.[1])
  expect(exposure).toBeLessThan(3)
})
