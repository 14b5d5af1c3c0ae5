import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { TimelineLine } from '../../api/schemas/warning.ts'
import { storeDifferences, type DiffSide, type StoreDifference } from './diff.ts'

type Reader = DiffSide['client']
type Line = Pick<TimelineLine, 'what' | 'level' | 'at'>

/** A server with one station, no readings, and one warning that ended yellow. */
function serverWith(timeline: readonly Line[], prefix = ''): Reader {
  const marks = { blind: false, retrospective: false }
  const warning = {
    id: `high~${prefix}s~water_level~1~t`,
    level: 'yellow',
    state: 'cleared',
    raisedAt: 1_000,
    endedAt: 9_000,
    marks,
    timeline,
  }
  const answers: Record<string, unknown> = {
    series: { series: [{ series: `${prefix}s/water_level/1`, station: `${prefix}s` }] },
    warnings: { warnings: [warning], more: false, next: null },
  }
  return {
    get: async <Answer>(path: string) => answers[/v1\/(\w+)/.exec(path)?.[1] ?? ''] as Answer,
    stream: async () => Readable.toWeb(Readable.from([])) as never,
  }
}

async function differing(a: readonly Line[], b: readonly Line[]): Promise<StoreDifference[]> {
  const all: StoreDifference[] = []
  for await (const one of storeDifferences({ client: serverWith(a), network: null }, { client: serverWith(b), network: null }))
    all.push(one)
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

test('two networks of one server are compared without what the ids of one begin with, and as they stood at the end of a time', async () => {
  const [left, right] = [serverWith([raised, orange, yellow, cleared]), serverWith([raised, orange], 'run-')]
  const found = async (span: { from: number; to: number } | null): Promise<StoreDifference[]> => {
    const all: StoreDifference[] = []
    const sides = [
      { client: left, network: 'n' },
      { client: right, network: 'run', prefix: 'run-' },
    ] as const
    for await (const one of storeDifferences(...sides, span)) all.push(one)
    return all
  }
  expect(await found({ from: 0, to: 5_000 })).toEqual([])
  expect(await found({ from: 0, to: 10_000 })).toMatchObject([{ kind: 'warning', a: { state: 'cleared' }, b: { state: 'cleared' } }])
  expect(await found({ from: 2_000, to: 10_000 })).toEqual([])
})
