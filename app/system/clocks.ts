import { clockStates, type ClockReportDesk } from '../../domain/clock-health.ts'
import type { RunId } from '../../domain/ids.ts'
import { fieldCodecs } from '../../gateways/registry.ts'
import { createClockReports } from '../../ingest/clock-reports.ts'
import { createClockWatch, type SavedClocks } from '../../ingest/clock-watch.ts'
import type { Carried } from '../../ingest/receipts/drafts.ts'
import type { Foundation } from './foundation.ts'
import type { Figure } from './metrics.ts'
import { clockFigures, hearWitnesses } from './our-clock.ts'

export interface Clocks {
  /** What devices sent; what people changed is not among it. */
  carried(carried: Pick<Carried, 'kept' | 'quarantined'>): void
  reports: ClockReportDesk
  /** For /metrics: devices by the state of their clock, what waits in the quarantine, and our own clock. */
  figures: readonly Figure[]
}

const key = 'clocks'
const saveEveryMs = 3_600_000

/** Follows the clocks of devices; what is known of them is kept once an hour and at the end. */
export async function startClocks(foundation: Foundation, wallRuns: readonly RunId[]): Promise<Clocks> {
  const { store, networks, world, clock, life, log } = foundation
  const saved = await store.documents.get<SavedClocks>('checkpoint', key)
  const watch = createClockWatch((run) => run === null || wallRuns.includes(run), saved?.body ?? [])
  const save = async (): Promise<void> => {
    watch.retain(new Set(networks.fleet().devices.keys()))
    await store.documents.put('checkpoint', key, watch.save(), world.now())
  }
  const timer = setInterval(() => save().catch((err: unknown) => log.warn({ err }, 'keeping the clocks of devices')), saveEveryMs).unref()
  life.onStop('clocks', async () => {
    clearInterval(timer)
    await save()
  })
  const reports = createClockReports({ ledger: store.ledger, watch, fieldCodecs })
  const carried: Clocks['carried'] = (carried) => {
    hearWitnesses(clock, carried)
    watch.take(carried.kept)
  }
  return { carried, reports, figures: [...figuresOf(foundation, reports), ...clockFigures(clock)] }
}

function figuresOf({ store, networks }: Foundation, reports: ClockReportDesk): Figure[] {
  const clocks = async (): Promise<[string, number][]> => {
    const found = [...(await reports.all([...networks.fleet().devices.keys()])).values()]
    return clockStates.map((state) => [state, found.filter((report) => report.state === state).length])
  }
  const waiting = async (): Promise<[string, number][]> => {
    const values = new Map<string, number>()
    for (const group of await store.ledger.quarantineGroups()) values.set(group.reason, (values.get(group.reason) ?? 0) + group.values)
    return [...values]
  }
  const held = async (): Promise<number> => [...(await store.ledger.quarantineHeld()).bytes.values()].reduce((sum, bytes) => sum + bytes, 0)
  return [
    { name: 'gaugekeeper_quarantine_bytes', help: 'Bytes that open entries of the quarantine hold', read: held },
    {
      name: 'gaugekeeper_quarantine_bare_total',
      help: 'Values put aside since start whose bytes were not kept, because the quarantine was full',
      read: async () => (await store.ledger.quarantineHeld()).bare,
    },
    { name: 'gaugekeeper_device_clocks', help: 'Devices by what their clock looks like', label: 'state', read: clocks },
    { name: 'gaugekeeper_quarantine_values', help: 'Values that wait in the quarantine, by reason', label: 'reason', read: waiting },
  ]
}
