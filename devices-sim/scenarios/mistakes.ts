import type { FileProblem } from '../../domain/errors.ts'
import { hint } from '../../domain/nearest.ts'
import type { StationKind } from '../../domain/network.ts'
import { parameters } from '../../domain/parameters.ts'
import { faultKinds } from '../faults/fault.ts'
import { substances } from '../world/amounts.ts'
import { happeningKinds, type HappeningKind } from '../world/happenings.ts'
import { spanMs, type Scenario, type ScenarioFault, type ScenarioHappening } from './scenario.ts'

/** Adds what a scenario of the right shape asks for and nobody would ever see, or that makes no sense. */
export function checkSense({ happenings = [], faults = [] }: Scenario, problems: FileProblem[]): void {
  const named = (list: string, i: number, mistakes: readonly Mistake[]): void => {
    for (const [key, message] of mistakes) problems.push({ path: `${list}[${i}].${key}`, message })
  }
  happenings.forEach((happening, i) => named('happenings', i, [...placeless(happening), ...senseless(happening)]))
  faults.forEach((fault, i) => named('faults', i, [...harmless(fault), ...endless(fault)]))
}

/** Key within its entry, and how to mend it. */
type Mistake = readonly [key: string, message: string]

/** Where a kind of happening can be; left out: anywhere. */
const places: Readonly<Partial<Record<HappeningKind, readonly StationKind[]>>> = {
  spill: ['river', 'reservoir', 'outfall', 'water-source', 'abstraction', 'sea'],
  discharge: ['outfall'],
  release: ['reservoir'],
  bloom: ['lake'],
  filling: ['hazard'],
}

function placeless({ kind, place }: ScenarioHappening): Mistake[] {
  const possible = places[kind]
  if (place === undefined)
    return kind === 'spill' ? [['place', 'a spill gets into the water somewhere; write a place such as { kind: river }']] : []
  if (possible === undefined || possible.includes(place.kind)) return []
  return [['place.kind', `nothing comes of a ${kind} at a station of kind ${place.kind}; write ${possible.join(', ')}`]]
}

function senseless({ kind, size, substance }: ScenarioHappening): Mistake[] {
  const others = substances.filter((name) => name !== 'water')
  return [
    ...(kind === 'spill' && substance === undefined
      ? [['substance', `a spill needs one; write one of ${others.join(', ')}`] as const]
      : []),
    // air may be fresher than usual
    ...(size <= 0 && kind !== 'stagnation'
      ? [['size', `${size} is none of a ${kind} (${happeningKinds[kind]}); write one above 0`] as const]
      : []),
  ]
}

function harmless({ type, where = '*' }: ScenarioFault): Mistake[] {
  const [, parameter = '*'] = where.split('/')
  if (parameter === '*') return []
  if (!parameters.has(parameter)) return [['where', `there is no parameter ${parameter}${hint(parameter, parameters.keys())}`]]
  return faultKinds[type].at === 'value' ? [] : [['where', `${type} strikes a device with all that it measures; write a station, or *`]]
}

function endless({ every, lasts }: ScenarioFault): Mistake[] {
  if (every === undefined || spanMs(lasts) <= spanMs(every)) return []
  return [['lasts', `${lasts} is longer than the ${every} in which it comes once; write a shorter one`]]
}
