import { gzipSync } from 'node:zlib'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../../testing/server.ts'
import { isCapture } from './replay-capture.ts'

test('a capture is known by its name or by how it begins; what is not there or is something else is none', async () => {
  const at = (name: string): string => path.join(temporaryFolder(), name)
  const [capture, packed, csv] = [at('a.cap'), at('b.gz'), at('c.csv')]
  writeFileSync(capture, '{"capture":1,"networks":[]}\n')
  writeFileSync(packed, gzipSync('{"capture":1,"networks":[]}\n'))
  writeFileSync(csv, 'time,station,parameter,value\n')
  const asked = [capture, packed, csv, 'day.jsonl', at('none.csv.gz'), temporaryFolder()]
  expect(await Promise.all(asked.map(isCapture))).toEqual([true, true, false, true, false, false])
})
