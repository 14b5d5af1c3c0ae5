import { faultTypes, type FaultType } from '../faults/fault.ts'
import type { Scenario, ScenarioFault } from './scenario.ts'

/** Faults that somebody wants beside, or instead of, those of a scenario. */
export interface MoreFaults {
  /** Times the shares of the scenario's own; 0 leaves them out. */
  factor: number
  /** Types that happen besides. */
  more: readonly string[]
  /** Share of the places that have these, 0..1. */
  share: number
}

/** The scenario with these faults. Types that there are not are left out. */
export function withFaults(scenario: Scenario, { factor, more, share }: MoreFaults): Scenario {
  const own = (scenario.faults ?? []).map((fault) => ({ ...fault, share: Math.min(1, (fault.share ?? 1) * factor) }))
  const added = faultTypes.filter((type) => more.includes(type)).map((type) => usualFault(type, share, scenario.lasts))
  return { ...scenario, faults: [...own.filter((fault) => fault.share > 0), ...added] }
}

/** What goes on for as long as nobody looks after it. */
const lasting: ReadonlySet<FaultType> = new Set([
  'drift',
  'fouling',
  'offset',
  'quantisation',
  'stuck-bucket',
  'blocked-gauge',
  'clock-drift',
])

/** As it usually comes, at the instruments that can have it: the slow ones all the time, the others for half an hour twice a day. */
const usualFault = (type: FaultType, share: number, lasts: string): ScenarioFault => ({
  type,
  where: '*',
  share,
  ...(lasting.has(type) ? { at: '0h', lasts } : { every: '12h', lasts: type === 'spike' ? '5m' : '30m' }),
})
