import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { TimelineLine } from '../../api/schemas/warning.ts'
import { storeDifferences, type StoreDifference } from './diff.ts'

type Reader = Parameters<typeof storeDifferences>[0]
type Line = Pick<TimelineLine, 'what' | 'level' | 'at'>

/** A server with one station, no readings, and one warning that ended yellow. */
function serverWith(timeline: readonly Line[]): Reader {
  const marks = { blind: false, retrospective: false }
  const warning = { id: 'w1', level: 'yellow', state: 'cleared', raisedAt: 1_000, endedAt: 9_000, marks, timeline }
  const answers: Record<string, unknown> = {
    series: { series: [{ series: 's/water_level/1', station: 's' }] },
    warnings: { warnings: [warning], more: false, next: null },
  }
  return {
    get: async <Answer>(path: string) => answers[/v1\/(\w+)/.exec(path)?.[1] ?? ''] as Answer,
    stream: async () => Readable.toWeb(Readable.from([])) as never,
  }
}

async function differing(a: readonly Line[], b: readonly Line[]): Promise<StoreDifference[]> {
  const all: StoreDifference[] = []
  for await (const one of storeDifferences(serverWith(a), serverWith(b), null)) all.push(one)
  return all
}

const raised: Line = { what: 'raised', level: 'yellow', at: 1_000 }
const orange: Line = { what: 'level', level: 'orange', at: 3_000 }
const yellow: Line = { what: 'level', level: 'yellow', at: 6_000 }
const cleared: Line = { what: 'cleared', level: null, at: 9_000 }

test('two warnings that ended alike and climbed otherwise differ; what people did to them does not count', async () => {
  const told: Line = { what: 'notified', level: null, at: 1_500 }
  expect(await differing([raised, orange, yellow, cleared], [raised, told, orange, yellow, cleared])).toEqual([])
  expect(await differing([raised, orange, yellow, cleared], [raised, cleared])).toMatchObject([
    {
      kind: 'warning',
      a: {
        story: [expect.stringMatching(/^raised yellow 1970/), expect.stringMatching(/^level orange/), expect.anything(), expect.anything()],
      },
    },
  ])
})
