import { expect, test } from '@jest/globals'
import { doneSimulation, sampleStrip } from '../api/testing/simulator.ts'
import { pageContext } from './context.ts'
import { stripInput, stripLines } from './strip.ts'

const session = { user: null, simulatedOnly: true }
const wishes = { language: 'en', appearance: 'system', viewport: 1280, zone: 'UTC' } as const
const page = pageContext(wishes, { now: 0, url: '/sim/storm-1', session, version: '0', script: '' })
const places = { zone: 'UTC', nameOf: (station: string) => `Name of ${station}` }

test('each rule is a row: its events with their fate, its warnings with their verdict', () => {
  const { rows } = stripInput(sampleStrip, { ...doneSimulation, at: null }, places, page)
  expect(rows.map(({ name, events, warnings }) => [name, events.map(({ good }) => good), warnings.map(({ good }) => good)])).toEqual([
    ['High water', [true], [true, false]],
    ['Rain in 1 h', [false], []],
  ])
  expect(rows[1]?.events[0]?.words).toMatch(/^Rain in 1 h, Name of storm-1-rain-002: Yellow, .* to .*; no warning$/)
  expect(rows[0]?.warnings[1]?.words).toContain('false: no event')
})

test('the table has every event once with its warning, and the warnings of no event, in the order of time', () => {
  const lines = stripLines(sampleStrip)
  expect(lines.map(({ rule, warning, verdict }) => [rule, warning?.id ?? null, verdict])).toEqual([
    ['rain-1h', null, 'missed'],
    ['level-high', 'w-1', 'hit'],
    ['level-high', 'w-2', 'false'],
  ])
  expect(lines[2]?.from).toBeNull()
})
