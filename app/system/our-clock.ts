import type { Logger } from 'pino'
import type { Problem } from '../../api/parts.ts'
import { testBit } from '../../domain/quality-tests.ts'
import { formatDuration } from '../../domain/time.ts'
import type { Carried } from '../../ingest/receipts/drafts.ts'
import type { World } from '../clock.ts'
import { createGuardedClock, mostStepMs, type GuardedClock, type JumpOutcome } from '../guarded-clock.ts'
import type { Figure } from './metrics.ts'

/** Our clock, whose jumps stand in the log. */
export function openClock(world: World, log: Logger): GuardedClock {
  const said: Record<JumpOutcome, string> = {
    doubted: 'the system clock jumped and is not believed; time goes on by the monotonic clock',
    believed: 'the system clock is believed where it jumped to; what came meanwhile has the time of before',
    'taken-back': 'the system clock is right again',
  }
  return createGuardedClock(world, (outcome, byMs) => log.warn({ bySeconds: Math.round(byMs / 1000) }, said[outcome]))
}

const arrivalTime = testBit('arrival_time')

/** While the system clock is in doubt, devices tell which clock is right: by readings of the real fleet that came since and bring a time. */
export function hearWitnesses(clock: GuardedClock, { kept, quarantined }: Pick<Carried, 'kept' | 'quarantined'>): void {
  const doubt = clock.doubt()
  if (doubt === null) return
  for (const { device, run, observedAt, receivedAt, tests } of kept)
    if (run === null && receivedAt >= doubt.at && (tests & arrivalTime) === 0) clock.witness(device, observedAt)
  for (const { device, reason, receivedAt } of quarantined)
    if (reason === 'time-ahead' && receivedAt >= doubt.at) clock.witness(device, 'ahead')
}

/** @param newestTick of the real fleet as committed, epoch ms */
export function clockProblems(clock: GuardedClock, newestTick: number | null): Problem[] {
  const [doubt, now, found] = [clock.doubt(), clock.now(), [] as Problem[]]
  if (doubt !== null)
    found.push({
      name: 'clock-jumped',
      severity: 'attention',
      what: `at ${timeOf(doubt.at)} the system clock went ${spanOf(doubt.byMs)} ${doubt.byMs > 0 ? 'ahead' : 'back'} and is not believed: the readings of ${doubt.agree} devices fit it, those of ${doubt.differ} do not`,
      todo: 'set the system clock; if it is right and the devices are wrong, start the server again',
    })
  if (newestTick !== null && newestTick - now > mostStepMs)
    found.push({
      name: 'clock-behind',
      severity: 'attention',
      what: `our clock is ${spanOf(newestTick - now)} behind what it was at its newest tick, ${timeOf(newestTick)}: until then nobody is called silent, and warnings are taken for old`,
      todo: 'set the system clock; if it is right now and was ahead before, wait',
    })
  return found
}

const timeOf = (at: number): string => new Date(at).toISOString()
const spanOf = (ms: number): string => formatDuration(Math.round(Math.abs(ms) / 1000) * 1000)

export function clockFigures(clock: GuardedClock): Figure[] {
  return [
    {
      name: 'gaugekeeper_clock_doubted_seconds',
      help: 'How far the system clock is from ours while it is not believed; 0 while it is',
      read: () => (clock.doubt()?.byMs ?? 0) / 1000,
    },
    {
      name: 'gaugekeeper_clock_jumps_total',
      help: 'Jumps of the system clock since start, by what became of them',
      label: 'outcome',
      read: () => Object.entries(clock.jumps()),
    },
  ]
}
