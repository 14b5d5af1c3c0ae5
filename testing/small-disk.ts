import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from '@jest/globals'
import type { Part } from './needing.ts'

function mount(bytes: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gaugekeeper-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
  return folder
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true })
}

/** A disk in memory of so many bytes, which only the superuser may mount; it goes after the tests of the file. */
export function smallDisk(bytes: number): Part {
  try {
    const found = mount(bytes)
    afterAll(() => unmount(found))
    return { found, missing: '' }
  } catch {
    return { found: null, missing: 'no disk of its own: run as root where mounting is allowed' }
  }
}
