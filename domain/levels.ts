import type { RuleDefinition, Sensor } from './network.ts'
import { levels, type Level, type Words } from './warning.ts'

/** What a level is called, its place in CAP 1.2 (`severity`) and the Chinese grade of the emergency response law (IV lowest). */
export interface LevelWords extends Words {
  capSeverity: 'Minor' | 'Moderate' | 'Severe' | 'Extreme'
  grade: 'IV' | 'III' | 'II' | 'I'
}

export const levelWords: Readonly<Record<Level, LevelWords>> = {
  blue: { en: 'Blue', zh: '蓝色', capSeverity: 'Minor', grade: 'IV' },
  yellow: { en: 'Yellow', zh: '黄色', capSeverity: 'Moderate', grade: 'III' },
  orange: { en: 'Orange', zh: '橙色', capSeverity: 'Severe', grade: 'II' },
  red: { en: 'Red', zh: '红色', capSeverity: 'Extreme', grade: 'I' },
}

/** 0 blue … 3 red; -1 for none, so that any level outranks it. */
export function levelRank(level: Level | null): number {
  return level === null ? -1 : levels.indexOf(level)
}

/** The higher of two levels; null counts as lowest. */
export function higherLevel(a: Level | null, b: Level | null): Level | null {
  return levelRank(a) >= levelRank(b) ? a : b
}

/** The name of the stage a limit points to, or null when the limit is a plain number. */
export function stageOf(limit: number | string): string | null {
  return typeof limit === 'string' && limit.startsWith('stage.') ? limit.slice('stage.'.length) : null
}

/** A limit as a number in the parameter's unit; null when the sensor lacks the stage: the level is then off there. */
export function resolveLimit(limit: number | string, sensor: Sensor): number | null {
  if (typeof limit === 'number') return limit
  return sensor.stages.get(stageOf(limit) ?? '') ?? null
}

/** The limits of a rule that hold for one sensor, from blue to red; empty = the rule is off there. */
export function resolveLevels(rule: Pick<RuleDefinition, 'levels'>, sensor: Sensor): { level: Level; limit: number }[] {
  return levels.flatMap((level) => {
    const written = rule.levels[level]
    const limit = written === undefined ? null : resolveLimit(written, sensor)
    return limit === null ? [] : [{ level, limit }]
  })
}
