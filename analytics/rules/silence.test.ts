import { expect, test } from '@jest/globals'
import type { SilenceRule } from '../rule-kind.ts'
import { hour, minute, placeOf, ruleOf, sensorAt } from '../testing/places.ts'
import { hear, judge, silence, unheard, type SilenceState } from './silence.ts'

const level = sensorAt('qingxi', 'water_level')
const rain = sensorAt('qingxi', 'rainfall', { everyMs: hour })

function bound(content: Parameters<typeof ruleOf>[1], settings: Record<string, unknown> = {}): SilenceRule[] {
  return silence
    .bind(ruleOf('silence', content), settings, placeOf([level, rain]))
    .flatMap((rule) => (rule.drivenBy === 'clock' ? [rule] : []))
}

const steps = [
  { level: 'blue' as const, afterMs: 15 * minute },
  { level: 'yellow' as const, afterMs: hour },
]
const live = { now: -Infinity, listeningSince: -Infinity, looksBack: false }
const story = ({ episode }: SilenceState) => episode?.changes.map(({ at, level: to }) => `${to ?? 'ended'} at ${at / minute}`) ?? []

test('three intervals of silence by default, of one series or of the whole station', () => {
  expect(bound({ parameter: level.parameter.key })[0]).toMatchObject({ series: level.id, steps: [{ level: 'blue', afterMs: 15 * minute }] })
  expect(bound({})[0]).toMatchObject({ series: null, members: [level.id, rain.id], steps: [{ level: 'blue', afterMs: 15 * minute }] })
  expect(bound({}, { after: '2h', level: 'orange' })[0]?.steps).toEqual([{ level: 'orange', afterMs: 2 * hour }])
  expect(bound({ levels: { yellow: 60, blue: 15 } })[0]?.steps).toEqual(steps)
  const irregular = sensorAt('qingxi', 'water_level', { everyMs: null })
  expect(silence.bind(ruleOf('silence', { parameter: level.parameter.key }), {}, placeOf([irregular]))).toEqual([])
})

test('a silence is raised by the clock with the moment it became long enough, deepens, and ends with a reading', () => {
  const heard = hear(steps, unheard, { at: 0, ...live })
  expect(judge(steps, heard, 14 * minute, -Infinity)).toBe(heard)
  const silent = judge(steps, heard, 17 * minute, -Infinity)
  expect(story(silent)).toEqual(['blue at 15'])
  expect(judge(steps, silent, 40 * minute, -Infinity)).toBe(silent)
  const deep = judge(steps, silent, 61 * minute, -Infinity)
  expect(story(deep)).toEqual(['blue at 15', 'yellow at 60'])
  const back = hear(steps, deep, { at: 70 * minute, ...live, now: 71 * minute })
  expect(story(back)).toEqual(['blue at 15', 'yellow at 60', 'ended at 70'])
  expect(back.open).toBe(false)
  expect(story(judge(steps, back, 200 * minute, -Infinity))).toEqual(['blue at 85', 'yellow at 130'])
})

test('a reading that is itself old does not end a silence that goes on', () => {
  const silent = judge(steps, hear(steps, unheard, { at: 0, ...live }), 4 * hour, -Infinity)
  const backfilled = hear(steps, silent, { at: 5 * minute, ...live, now: 4 * hour })
  expect(backfilled).toMatchObject({ open: true, last: 5 * minute })
  expect(story(hear(steps, backfilled, { at: 3 * hour + 50 * minute, ...live, now: 4 * hour }))).toContain('ended at 230')
})

test('looking back, a stretch between two readings is told as if somebody had looked in time', () => {
  const heard = hear(steps, unheard, { at: 0, ...live })
  const jumped = hear(steps, heard, { at: 80 * minute, ...live, looksBack: true })
  const watched = hear(steps, judge(steps, heard, 79 * minute, -Infinity), { at: 80 * minute, ...live })
  expect(jumped).toEqual(watched)
  expect(hear(steps, heard, { at: 80 * minute, ...live }).episode).toBeNull()
})

test('time in which we ourselves were away does not count', () => {
  const heard = hear(steps, unheard, { at: 0, ...live })
  expect(judge(steps, heard, 2 * hour, 2 * hour)).toBe(heard)
  expect(story(judge(steps, heard, 2 * hour + 15 * minute, 2 * hour))).toEqual(['blue at 135'])
})

test('what was never heard is not silent', () => {
  expect(judge(steps, unheard, hour, -Infinity)).toBe(unheard)
})

test('the sentences of silence', () => {
  const [rule] = bound({})
  const silent = judge(steps, hear(steps, unheard, { at: 0, ...live }), 17 * minute, -Infinity)
  const raised = silent.episode?.changes[0]
  if (!rule || !raised) throw new Error('not raised')
  expect(rule.sentences.why(raised, null)).toEqual({
    en: 'Raised because nothing was heard of the station qingxi for 15 min; a reading is due every 5 min.',
    zh: '触发原因：qingxi已 15 分钟没有数据，应每 5 分钟一次。',
  })
})
