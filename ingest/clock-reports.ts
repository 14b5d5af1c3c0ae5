import { clockReasons, judgeClock, type ClockReport, type ClockReportDesk } from '../domain/clock-health.ts'
import { unknownDevice, type Codec } from '../domain/codec.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Ledger, QuarantineEntry, QuarantineGroup } from '../store/ports/ledger.ts'
import type { ClockWatch } from './clock-watch.ts'
import { createCodecOf } from './codecs/registry.ts'

interface ClockReportsParts {
  ledger: Pick<Ledger, 'quarantine' | 'quarantineGroups'>
  watch: Pick<ClockWatch, 'skew'>
  fieldCodecs: readonly Codec[]
}

const isClockReason = (reason: string): boolean => clockReasons.some((one) => one === reason)
/** Newest entries of a reason that are looked into. */
const lookedAt = 5
const mostBytes = 1_000_000

export function createClockReports({ ledger, watch, fieldCodecs }: ClockReportsParts): ClockReportDesk {
  const codecOf = createCodecOf(fieldCodecs)

  function report(device: DeviceId, groups: readonly QuarantineGroup[], quarantinedOffsetMs: number | null): ClockReport {
    const skew = watch.skew(device) ?? { offsetMs: null, driftMsPerDay: null, hours: 0, days: 0 }
    const own = groups.filter((group) => group.device === device && isClockReason(group.reason))
    const quarantined = own.map(({ reason, entries, values }) => ({ reason, entries, values }))
    return judgeClock({ device, ...skew, quarantined, quarantinedOffsetMs })
  }

  /** Its time as read in UTC, minus ours: for a time without an offset that is the zone. */
  function offsetIn({ topic, payload, receivedAt }: QuarantineEntry): number[] {
    const codec = codecOf(topic)
    if (codec === null || codec === 'message') return []
    const { groups } = codec.decode(payload, { ...unknownDevice, clock: { zone: '+00:00', none: false } }, receivedAt)
    return groups.flatMap(({ at }) => (at === null ? [] : at - receivedAt))
  }

  return {
    async of(device) {
      const looked = await Promise.all(
        (['time-ahead', 'no-offset'] as const).map((reason) =>
          ledger.quarantine({ device, reason, state: 'open', limit: lookedAt, mostBytes }),
        ),
      )
      const offsets = looked.flat().map((entry) => Math.max(...offsetIn(entry)))
      const read = offsets.filter((offset) => Number.isFinite(offset)).sort((a, b) => a - b)
      return report(device, await ledger.quarantineGroups(), read[read.length >> 1] ?? null)
    },
    async all(devices) {
      const groups = new Map<DeviceId, QuarantineGroup[]>()
      for (const group of await ledger.quarantineGroups()) groups.set(group.device, [...(groups.get(group.device) ?? []), group])
      return new Map(devices.map((device) => [device, report(device, groups.get(device) ?? [], null)]))
    },
  }
}
