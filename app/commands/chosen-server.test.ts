import { expect, test } from '@jest/globals'
import { gaugekeeper } from '../../testing/command.ts'
import { temporaryFolder } from '../../testing/server.ts'
import path from 'node:path'
import { writeFileSync } from 'node:fs'

/** What `score` says of an address before it asks anything. */
async function asked(url: string, ...more: string[]): Promise<{ code: number | null; stderr: string }> {
  const key = path.join(temporaryFolder(), 'key')
  writeFileSync(key, 'a key')
  const { code, stderr } = await gaugekeeper('score', key, '--url', url, '--key-file', key, ...more)
  return { code, stderr }
}

test('a key is not sent in the open to another machine, unless that is asked for', async () => {
  const inTheOpen = 'the key would pass the network unencrypted; write https://, or add --insecure'
  // an address of documentation (RFC 5737): nobody answers there
  expect(await asked('http://192.0.2.1:9')).toMatchObject({ code: 2, stderr: expect.stringContaining(inTheOpen) })
  for (const [url, ...more] of [
    ['http://127.0.0.1:9'],
    ['http://[::1]:9'],
    ['http://localhost:9'],
    ['https://gauge.invalid'],
    ['http://gauge.invalid', '--insecure'],
  ])
    expect((await asked(url ?? '', ...more)).stderr).not.toContain('unencrypted')
}, 120_000)
