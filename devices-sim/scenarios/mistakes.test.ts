import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { createSimulation } from '../simulation.ts'
import { readScenario, type Scenario } from './scenario.ts'

const title = { en: 'x', zh: 'x' }
const read = (content: object): Scenario =>
  readScenario(stringify({ id: 'mine', title, about: title, lasts: '6h', ...content }), 'mine.yaml')
const spill = { id: 's', kind: 'spill', place: { kind: 'river' }, at: '1h', lasts: '1h', size: 5, substance: 'salt' }
const happens = (changed: object): object => ({ happenings: [{ ...spill, ...changed }] })
const fails = (changed: object): object => ({ faults: [{ type: 'spike', where: '*/ph', every: '1h', lasts: '5m', ...changed }] })

const refused = (content: object, why: string, make: (scenario: Scenario) => unknown = () => null): void => {
  const lines = why === '' ? [] : ['ScenarioInvalid: reading the scenario mine', `  ${why}`]
  const said = (): string => {
    try {
      make(read(content))
      return ''
    } catch (error) {
      return String(error).replace('mine.yaml:', 'mine').replace('mine:', 'mine')
    }
  }
  expect(said()).toBe(lines.join('\n'))
}

test('what would strike nobody, or make no sense, is named with its place', () => {
  refused(happens({}), '')
  refused(fails({}), '')
  refused({ lasts: '0h' }, 'lasts: "0h" is no time at all; write one such as 90m or 6h')
  refused(happens({ lasts: '0h' }), 'happenings[0].lasts: "0h" is no time at all; write one such as 90m or 6h')
  refused(
    happens({ place: undefined }),
    'happenings[0].place: a spill gets into the water somewhere; write a place such as { kind: river }',
  )
  refused(
    happens({ substance: undefined }),
    'happenings[0].substance: a spill needs one; write one of salt, sediment, ammonia, organic, phosphorus',
  )
  refused(
    happens({ size: -5000 }),
    'happenings[0].size: -5000 is none of a spill (kg of `substance` that get into the water); write one above 0',
  )
  refused(
    happens({ kind: 'release', place: { kind: 'rain' } }),
    'happenings[0].place.kind: nothing comes of a release at a station of kind rain; write reservoir',
  )
  refused(happens({ kind: 'stagnation', place: undefined, substance: undefined, size: -0.4 }), '')
  refused(fails({ every: '0s' }), 'faults[0].every: "0s" is no time at all; write one such as 90m or 6h')
  refused(fails({ lasts: '2h' }), 'faults[0].lasts: 2h is longer than the 1h in which it comes once; write a shorter one')
  refused(fails({ where: '*/ammonia_nitrogn' }), 'faults[0].where: there is no parameter ammonia_nitrogn; did you mean ammonia_nitrogen?')
  refused(fails({ type: 'line-cut' }), 'faults[0].where: line-cut strikes a device with all that it measures; write a station, or *')
})

test('a moment behind the end is named, but for one that somebody left out or for whom it is longer', () => {
  const late = happens({ at: '7h' })
  const made = (lastsMs: number | null) => (scenario: Scenario) =>
    createSimulation({ scenario, run: 'trial', stations: 31, seed: 1, startAt: Date.parse('2026-06-15T00:00:00Z'), lastsMs })
  refused(late, 'happenings[0].at: 7h is behind the end; begin it earlier', made(null))
  refused(late, '', made(8 * 3_600_000))
  refused(happens({ at: '5h' }), '', made(3_600_000))
})
