import type { DeviceId } from './ids.ts'
import type { RejectionReason } from './rejection.ts'
import { formatDuration } from './time.ts'
import type { Words } from './warning.ts'

export const clockStates = ['unknown', 'right', 'off', 'wrong-zone', 'drifting', 'reset'] as const

/**
 * What a device's clock looks like from when its live readings came. `offsetMs` = its time minus ours: positive = it is ahead. Readings
 * cannot come before they are made, so the smallest delay of an hour is nearest to the truth: the offset is the median of the smallest
 * delays of the last 24 hours that had any, and still holds the time on the way.
 */
export interface ClockReport {
  device: string
  state: (typeof clockStates)[number]
  offsetMs: number | null
  /** Change of the offset in a day, ms; null before there are three days. */
  driftMsPerDay: number | null
  /** Hours and days behind these figures. */
  hours: number
  days: number
  /** Offset of the zone that its times look written in, such as +08:00. */
  likelyZone: string | null
  /** Open entries of the quarantine that its clock is to blame for. */
  quarantined: { reason: RejectionReason; entries: number; values: number }[]
  /** What is wrong and what to do. */
  says: Words
}

export const clockReasons = [
  'no-offset',
  'bad-time',
  'time-microseconds',
  'time-1970',
  'time-ahead',
] as const satisfies readonly RejectionReason[]

const minuteMs = 60_000
const halfHourMs = 30 * minuteMs
/** Nearer than this, a clock counts as right, and an offset as a whole number of half hours. */
const toleranceMs = 2 * minuteMs
const driftToTell = 1_000

/** The zone that an offset of whole hours or half hours looks like; null for any other. */
export function zoneOf(offsetMs: number): string | null {
  const halves = Math.round(offsetMs / halfHourMs)
  if (halves === 0 || Math.abs(halves) > 28 || Math.abs(offsetMs - halves * halfHourMs) > toleranceMs) return null
  const minutes = Math.abs(halves) * 30
  return `+${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

export type ClockFigures = Pick<ClockReport, 'device' | 'offsetMs' | 'driftMsPerDay' | 'hours' | 'days' | 'quarantined'> & {
  /** Offset that the quarantined times of the device show; null when none could be read. */
  quarantinedOffsetMs: number | null
}

/** Judges figures. What is quarantined weighs more than what came through. */
export function judgeClock({ quarantinedOffsetMs, ...figures }: ClockFigures): ClockReport {
  const offsetMs = quarantinedOffsetMs ?? figures.offsetMs
  const likelyZone = offsetMs === null ? null : zoneOf(offsetMs)
  const state = stateOf({ ...figures, offsetMs }, likelyZone)
  return { ...figures, offsetMs, likelyZone, state, says: wordsOf(state, { ...figures, offsetMs }, likelyZone) }
}

type Judged = Pick<ClockReport, 'offsetMs' | 'driftMsPerDay' | 'quarantined'>

function stateOf({ offsetMs, driftMsPerDay, quarantined }: Judged, likelyZone: string | null): ClockReport['state'] {
  if (likelyZone !== null) return 'wrong-zone'
  if (quarantined.some(({ reason }) => reason === 'time-1970')) return 'reset'
  if (offsetMs !== null && Math.abs(offsetMs) > toleranceMs) return 'off'
  if (driftMsPerDay !== null && Math.abs(driftMsPerDay) > driftToTell) return 'drifting'
  return offsetMs === null ? 'unknown' : 'right'
}

function wordsOf(state: ClockReport['state'], { offsetMs, driftMsPerDay }: Judged, zone: string | null): Words {
  const by = formatDuration(Math.round(Math.abs(offsetMs ?? 0) / 1000) * 1000)
  const ahead = (offsetMs ?? 0) > 0
  const seconds = ((driftMsPerDay ?? 0) / 1000).toFixed(1)
  switch (state) {
    case 'unknown':
      return { en: 'No live reading has come with a time yet.', zh: '尚无带时间的实时数据。' }
    case 'right':
      return { en: 'The clock is right.', zh: '时钟正常。' }
    case 'reset':
      return {
        en: 'Its clock was reset: times before 2000 came. Set the clock. It counts on from there, so what is in the quarantine is set right by one time that it showed and when: declare that (gaugekeeper devices clock), then run it again.',
        zh: '时钟曾被复位：出现 2000 年以前的时间。请校时。时钟从复位起连续计时，登记其某一读数对应的真实时间（gaugekeeper devices clock），即可重新处理隔离数据。',
      }
    case 'wrong-zone':
      return {
        en: `It is ${by} ${ahead ? 'ahead' : 'behind'}, which looks like a wrong zone: ${ahead ? `local time of ${zone} written as UTC` : `UTC written as local time of ${zone}`}. Declare the zone or the correction of its clock, then run what was put aside again.`,
        zh: `${ahead ? '快' : '慢'} ${by}，疑似时区错误：${ahead ? `把 ${zone} 的当地时间当作 UTC 发送` : `把 UTC 当作 ${zone} 的当地时间发送`}。请声明时区或时钟校正，然后重新处理隔离数据。`,
      }
    case 'off':
      return {
        en: `Its clock is ${by} ${ahead ? 'ahead' : 'behind'}, or its readings wait that long on the way. Set the clock, or declare a correction.`,
        zh: `时钟${ahead ? '快' : '慢'} ${by}，或数据在途中滞留。请校时或声明时钟校正。`,
      }
    case 'drifting':
      return {
        en: `Its clock drifts by ${seconds} s a day. Let it set its clock more often, or declare a correction with drift.`,
        zh: `时钟每日漂移 ${seconds} 秒。请提高校时频率，或声明含漂移的校正。`,
      }
  }
}

/** What is known of the clocks of devices. */
export interface ClockReportDesk {
  of(device: DeviceId): Promise<ClockReport>
  /** The same for many, without the offsets that quarantined bytes show. */
  all(devices: readonly DeviceId[]): Promise<Map<DeviceId, ClockReport>>
}
