import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../../testing/server.ts'
import { takeBackup } from './take.ts'

test('records of simulations and their truths are in a backup, drafts that are just being written are not', async () => {
  const folder = temporaryFolder()
  const data = path.join(folder, 'data')
  mkdirSync(path.join(data, 'truth'), { recursive: true })
  for (const name of ['storm-1.json', 'storm-1.json.new', 'storm-1.jsonl.gz']) writeFileSync(path.join(data, 'truth', name), name)
  const to = path.join(folder, 'backup')
  const steps = takeBackup(
    {
      data,
      journal: { copyTo: async () => 0 },
      store: { copyTo: null },
      sessions: { copySessions: async () => undefined },
      ...{ now: () => 1, release: '0.0.0' },
    },
    to,
  )
  for await (const step of steps) expect(step).not.toBe('')
  expect(readFileSync(path.join(to, 'truth', 'storm-1.json'), 'utf8')).toBe('storm-1.json')
  expect(existsSync(path.join(to, 'truth', 'storm-1.jsonl.gz'))).toBe(true)
  expect(existsSync(path.join(to, 'truth', 'storm-1.json.new'))).toBe(false)
})
