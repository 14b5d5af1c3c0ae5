import { expect, test } from '@jest/globals'
import { openFilesOf, ownOpenFiles, tooFewFiles } from './open-files.ts'

test('a load wants a file for each device on both sides, and says what to raise', () => {
  const load = { devices: 1000, processes: 2, ownLimit: 1024 }
  expect(tooFewFiles({ ...load, server: 'own' })).toContain('`ulimit -n 1100`')
  expect(tooFewFiles({ ...load, ownLimit: 1100, server: 'own' })).toBeNull()
  // two processes share the devices; the server is not here
  expect(tooFewFiles({ ...load, server: 'elsewhere' })).toBeNull()
  expect(tooFewFiles({ ...load, ownLimit: 531, server: 'elsewhere' })).toContain('need 532 open files')
  expect(tooFewFiles({ ...load, processes: 1, server: 'elsewhere' })).toContain('`ulimit -n 1032`')
  expect(tooFewFiles({ ...load, server: { pid: 7, limit: 1024 } })).toContain('the server (process 7), which may have 1024')
  expect(tooFewFiles({ ...load, server: { pid: 7, limit: Infinity } })).toBeNull()
})

test('where a limit is not known nothing is refused', () => {
  expect(tooFewFiles({ devices: 1e6, processes: 2, ownLimit: null, server: { pid: 7, limit: null } })).toBeNull()
  expect(openFilesOf(-1)).toBeNull()
})

test('what the system says of this process is one number, whoever is asked', () => {
  const own = ownOpenFiles()
  expect(own).toBeGreaterThan(0)
  if (process.platform === 'linux') expect(openFilesOf(process.pid)).toBe(own)
})
