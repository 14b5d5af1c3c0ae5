import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { ScoreBook } from '../../devices-sim/score/score.ts'
import type { TruthHeader } from '../../devices-sim/truth/truth.ts'
import { readServer } from './read-server.ts'

const header = { start: '2026-06-15T00:00:00Z', end: '2026-06-15T01:00:00Z', stations: 120 } as TruthHeader

/** A book of so many stations with one series each. */
function bookOf(stations: number): ScoreBook {
  const book = new ScoreBook(header)
  for (let i = 0; i < stations; i += 1)
    book.expect({
      ...{ kind: 'reading', device: `d-${i}`, station: `s-${i}`, parameter: 'water_level', number: 1, at: 1, value: 1, true: 1 },
      ...{ made: 1, sent: 1, faults: [], outcome: 'stored' },
    })
  return book
}

/** A server that answers with so many gaps a station, 5000 at most; asked for what, and for how many stations or series at a time. */
function serverWith(gapsEach: number) {
  const asked: [string, number][] = []
  const named = (path: string): string[] => /(?:station|series)=([^&]*)/.exec(decodeURIComponent(path))?.[1]?.split(',') ?? []
  const note = (path: string): string => {
    const what = /v1\/([a-z/]+)/.exec(path)?.[1] ?? ''
    asked.push([what, named(path).length])
    return what
  }
  const stream = async (path: string) => {
    note(path)
    const rows = named(path).map((series) => `${series},1970-01-01T00:00:00.001Z,1,1,\n`)
    return Readable.from([`series,observed_at,value,flag,tests\n${rows.join('')}`])
  }
  const get = async <Answer>(path: string): Promise<Answer> => {
    const gaps = named(path).flatMap((station) =>
      Array.from({ length: gapsEach }, () => ({ series: `${station}/water_level/1`, from: 0, to: 1 })),
    )
    const answers: Record<string, object> = {
      gaps: { gaps: gaps.slice(0, 5_000) },
      warnings: { warnings: [], next: null },
      devices: { devices: [], next: null },
      'quarantine/groups': { groups: [] },
    }
    return answers[note(path)] as Answer
  }
  return { client: { get, stream } as unknown as Parameters<typeof readServer>[0], asked }
}

test('a score asks for as many stations at a time as one question may name, and sees every value once', async () => {
  const { client, asked } = serverWith(0)
  const book = bookOf(120)
  const told: number[] = []
  await readServer(client, book, (done) => told.push(done))
  const counts = (what: string): number[] => asked.flatMap(([one, count]) => (one === what ? [count] : []))
  expect([counts('observations'), counts('gaps'), counts('warnings')]).toEqual([
    [50, 50, 20],
    [50, 50, 20],
    [50, 50, 20],
  ])
  expect(told).toEqual([50, 100, 120])
  expect(book.score().readings).toEqual({ expected: 120, lost: 0, wrong: 0, doubled: 0, leaked: 0 })
})

test('gaps that one answer cannot hold are asked for of fewer stations, down to one', async () => {
  const { client, asked } = serverWith(3_000)
  await readServer(client, bookOf(4), () => undefined)
  expect(asked.flatMap(([one, count]) => (one === 'gaps' ? [count] : []))).toEqual([4, 2, 1, 1, 2, 1, 1])
})
