import type { RuleKindModule } from '../rule-kind.ts'
import { rainAccumulation } from './rain-accumulation.ts'
import { rateOfRise } from './rate-of-rise.ts'
import { silence } from './silence.ts'
import { threshold } from './threshold.ts'
import { trend } from './trend.ts'

/** Every kind of rule. A new one is its file and one line here. */
export const ruleKinds = [threshold, rateOfRise, rainAccumulation, silence, trend] as const satisfies readonly RuleKindModule[]
