import { expect, test } from '@jest/globals'
import { storedRow } from '../store/testing/rows.ts'
import { runId } from '../domain/ids.ts'
import { createFrameRing, framesOf, type FrameDraft } from './live-ring.ts'

const draft = (count: number): FrameDraft => ({
  ...{ topic: 'observations', simulated: true, commit: 1, warnings: [] },
  observations: Array.from({ length: count }, () => storedRow()),
})

test('the ring is bounded by frames and by what they hold, and keeps the newest', () => {
  const ring = createFrameRing(3, 10)
  for (let i = 0; i < 5; i += 1) ring.push(draft(1))
  expect([ring.newest(), ring.gone()]).toEqual([5, 2])
  expect(ring.after(1)).toBeUndefined()
  expect([2, 3, 4].map((place) => ring.after(place)?.number)).toEqual([3, 4, 5])
  expect(ring.after(5)).toBeUndefined()
  ring.push(draft(9))
  expect([ring.newest(), ring.gone()]).toEqual([6, 4])
  ring.push(draft(50))
  expect([ring.newest(), ring.gone()]).toEqual([7, 6])
  expect(ring.after(6)?.observations).toHaveLength(50)
  ring.pass()
  expect([ring.newest(), ring.gone()]).toEqual([8, 8])
  expect(ring.after(7)).toBeUndefined()
  ring.push(draft(1))
  expect(ring.after(8)?.number).toBe(9)
})

test('an event becomes frames of one kind each, of at most 500', () => {
  const run = runId('demo')
  const observations = [...Array.from({ length: 1_200 }, (_, i) => storedRow({ value: i, run })), storedRow({ value: -1 })]
  const frames = framesOf({ name: 'observed', commit: 7, observations })
  expect(frames.map((frame) => [frame.simulated, frame.observations.length, frame.commit])).toEqual([
    [true, 500, 7],
    [true, 500, 7],
    [true, 200, 7],
    [false, 1, 7],
  ])
  expect(frames.flatMap((frame) => frame.observations.map((one) => one.value))).toEqual(observations.map((one) => one.value))
})
