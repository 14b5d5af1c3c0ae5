import { deviceId, parameterKey, sensorId, stationId, type SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Quarantined } from '../../domain/rejection.ts'
import type { Warning } from '../../domain/warning.ts'
import { ruleId, warningId } from '../../domain/ids.ts'
import type { Commit, DeviceCount, StoredRow } from '../ports/ledger.ts'

/** 2026-03-01T00:00:00Z, where the tests of the store begin. */
export const start = Date.UTC(2026, 2, 1)
export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

export const seriesOf = (station: string, parameter = 'water_level', number = 1): SensorId =>
  sensorId(stationId(station), parameterKey(parameter), number)

/** A good reading of `qingxi/water_level/1` at `start`, received two seconds later, with what is given instead. */
export function storedRow(part: Partial<StoredRow> = {}): StoredRow {
  const observedAt = part.observedAt ?? start
  return {
    series: seriesOf('qingxi'),
    observedAt,
    receivedAt: observedAt + 2_000,
    value: 3.42,
    flag: 1,
    tests: 0,
    device: deviceId('rtu-0017'),
    delivery: 1,
    seq: null,
    run: null,
    position: null,
    arrival: 'next',
    ...part,
  }
}

/** The row as it is read back. */
export function observed(row: StoredRow): Observation {
  const { arrival: _arrival, ...observation } = row
  return observation
}

/** `count` rows of one series, `everyMs` apart from `start` on, value = index. */
export function rowsOf(series: SensorId, count: number, everyMs = 5 * minute): StoredRow[] {
  return Array.from({ length: count }, (_, i) => storedRow({ series, observedAt: start + i * everyMs, value: i, delivery: i + 1 }))
}

export function commitOf(rows: readonly StoredRow[], part: Partial<Commit> = {}): Commit {
  const cursor = part.cursor ?? 1
  return { cursor, deferredCursor: cursor, deferred: [], rows, quarantined: [], counts: [], watermarks: [], ...part }
}

export function countOf(device: string, part: Partial<DeviceCount> = {}): DeviceCount {
  return {
    device: deviceId(device),
    received: 0,
    stored: 0,
    versions: 0,
    duplicate: 0,
    quarantined: 0,
    lastReceivedAt: start,
    late: 0,
    ...part,
  }
}

export function quarantinedOf(part: Partial<Quarantined> = {}): Quarantined {
  return {
    reason: 'not-json',
    detail: 'The payload is not JSON: it begins with "hello".',
    values: 1,
    item: null,
    device: deviceId('rtu-0017'),
    delivery: 1,
    receivedAt: start,
    topic: 'devices/rtu-0017/readings',
    payload: new Uint8Array([104, 0, 255, 10]),
    ...part,
  }
}

export function warningOf(part: Partial<Warning> = {}): Warning {
  return {
    id: warningId('w-1'),
    version: 1,
    rule: ruleId('level-high'),
    ruleVersion: 'a1b2',
    kind: 'threshold',
    station: stationId('qingxi'),
    series: seriesOf('qingxi'),
    level: 'yellow',
    state: 'active',
    marks: { acknowledged: null, blind: false, retrospective: false, drill: false },
    run: null,
    onset: start,
    raisedAt: start + hour,
    changedAt: start + hour,
    endedAt: null,
    evidence: {
      from: start,
      to: start + hour,
      trusted: 12,
      rejected: 1,
      value: 3.1,
      limit: 3,
      unit: 'm',
      figures: { slope: 0.2, p: null },
    },
    why: { en: 'Level 3.1 m is above 3 m.', zh: '水位3.1米，超警戒水位3米。' },
    clears: { en: 'Below 2.9 m for 30 min.', zh: '低于2.9米持续30分钟。' },
    timeline: [{ at: start, what: 'crossed', level: 'yellow', by: null, words: { en: 'crossed', zh: '越限' } }],
    ...part,
  }
}
