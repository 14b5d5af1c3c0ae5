import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll } from '@jest/globals'
import { Value } from 'typebox/value'
import { DuckdbConfig } from '../config.ts'

/** The embedded store's configuration as it is without a file, with what is given instead. */
export function duckdbConfig(part: Partial<DuckdbConfig> = {}): DuckdbConfig {
  return { ...(Value.Default(DuckdbConfig, {}) as DuckdbConfig), ...part }
}

/** Makes new folders that go after the tests of the file. Call once in a test file. */
export function temporaryFolders(): () => Promise<string> {
  const folders: string[] = []
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })
  return async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'gauge-store-'))
    folders.push(folder)
    return folder
  }
}
