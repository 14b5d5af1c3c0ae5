import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { freshFolder } from '../../broker/testing/brokers.ts'
import { TruthUnreadable } from '../errors.ts'
import { openTruth } from './read.ts'
import type { TruthEntry, TruthHeader } from './truth.ts'
import { createTruthWriter } from './write.ts'

const header: TruthHeader = {
  ...{ kind: 'header', format: 1, scenario: 'storm', seed: 7, run: 'storm-7', network: 'ab', stations: 2, devices: 1 },
  ...{ start: '2026-06-01T00:00:00.000Z', end: '2026-06-03T00:00:00.000Z' },
}
const series = { station: 's1', parameter: 'water_level', number: 1 }
const entries: TruthEntry[] = [
  { kind: 'crossing', ...series, level: 'yellow', limit: 3, direction: 'entered', at: 1000 },
  { kind: 'fault', id: 'f1', type: 'spike', device: 'd1', station: 's1', parameter: 'water_level', from: 1, to: 2, expects: 'suspect' },
  {
    kind: 'event',
    id: 'e1',
    type: 'flood',
    rule: 'level-high',
    ...series,
    level: 'red',
    onset: 1000,
    end: 5000,
    peak: { at: 3000, value: 5.1 },
    cause: null,
  },
  { kind: 'reading', device: 'd1', ...series, at: 1, value: null, true: 3, made: 1, sent: null, faults: ['f1'], outcome: 'never sent' },
]

async function written(name: string): Promise<string> {
  const file = path.join(await freshFolder(), name)
  const writer = await createTruthWriter(file, header)
  await writer.write(entries.slice(0, 2))
  await writer.write(entries.slice(2))
  expect(await writer.end()).toEqual({ kind: 'end', events: 1, crossings: 1, faults: 1, readings: 1 })
  return file
}

async function read(file: string): Promise<{ header: TruthHeader; entries: TruthEntry[] }> {
  const truth = await openTruth(file)
  const found: TruthEntry[] = []
  for await (const entry of truth.entries) found.push(entry)
  return { header: truth.header, entries: found }
}

test('what was written is read again, compressed or not', async () => {
  for (const name of ['truth.jsonl', 'truth.jsonl.gz']) expect(await read(await written(name))).toEqual({ header, entries })
})

test('the same entries give the same bytes', async () => {
  const [a, b] = [await readFile(await written('a.gz')), await readFile(await written('b.gz'))]
  expect(gunzipSync(a).equals(gunzipSync(b))).toBe(true)
  expect(a.equals(b)).toBe(true)
})

test('the truth of a simulation that was stopped is no whole one', async () => {
  const file = path.join(await freshFolder(), 'stopped.jsonl')
  const writer = await createTruthWriter(file, header)
  await writer.write(entries)
  expect(await writer.end(Date.UTC(2026, 5, 1, 5))).toMatchObject({ readings: 1, stoppedAt: Date.UTC(2026, 5, 1, 5) })
  await expect(read(file)).rejects.toThrow(/line 6: the simulation was stopped at 2026-06-01T05:00:00.000Z/)
})

test('a file that is cut or holds something else is named with its line', async () => {
  const whole = (await readFile(await written('truth.jsonl'), 'utf8')).split('\n')
  const refused = async (lines: readonly string[], why: RegExp): Promise<void> => {
    const file = path.join(await freshFolder(), 'bad.jsonl')
    await writeFile(file, lines.join('\n'))
    const error: unknown = await read(file).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(TruthUnreadable)
    expect(String(error)).toMatch(why)
  }
  await refused(whole.slice(0, -2), /line 5: the file is cut/)
  await refused([...whole.slice(0, 2), '{"kind":"crossing"}'], /line 3: it is no crossing/)
  await refused([...whole.slice(0, 2), '{"kind":"cro'], /line 3: it is no JSON/)
  await refused([...whole.slice(0, 2), ...whole.slice(3)], /line 5: it counts other lines/)
  await refused(whole.slice(1), /line 1: the header is not there/)
  await refused([], /line 1: the header is not there/)
  expect(await openTruth('/nowhere/truth.jsonl').catch((error: unknown) => error)).toBeInstanceOf(TruthUnreadable)
})
