import type { Fleet } from '../../domain/fleet.ts'
import type { Gap } from '../../domain/gap.ts'
import type { DeviceId, RunId, SensorId } from '../../domain/ids.ts'
import { beginSequence, measuredAt, noteNumber, type Sequence } from '../../domain/sequence.ts'
import type { Committed, StoredRow } from '../../store/ports/ledger.ts'
import { end, fillIn, goOn, waitFor, type OpenGap, type RegularSeries } from './series-gaps.ts'

/** What a restart has to know beside the gaps. */
export interface BookState {
  series: [SensorId, Omit<RegularSeries, 'open'>][]
  sequences: [DeviceId, Sequence][]
  clocks: [RunId | null, number][]
}

const mostOpenOfSeries = 32
/** Gaps kept in all; beyond it the oldest that has ended goes, and where none has, the new one. */
export const mostGaps = 20_000
/** A gap that nothing fills for a day behind its end is given up, as readings are late from then on. */
const giveUpMs = 86_400_000
/** The clock of a run is looked at once in so long. */
const lookMs = 60_000

/** The gaps of all series, following commits. Pure: the same commits give the same gaps. */
export class GapBook {
  readonly gaps = new Map<string, OpenGap>()
  /** Changed since `changed` was last cleared; the removed as ids. */
  readonly changed = new Set<OpenGap>()
  readonly removed = new Set<string>()
  readonly sequences = new Map<DeviceId, Sequence>()
  readonly clocks = new Map<RunId | null, number>()
  readonly counts = { opened: 0, closed: 0, givenUp: 0, dropped: 0 }
  readonly #series = new Map<SensorId, RegularSeries>()
  /** Gaps that are not open any more, in the order in which they ended: who makes room looks for none. */
  readonly #ended = new Set<OpenGap>()
  /** Open gaps whose series have not been met since the start. */
  readonly #restored = new Map<SensorId, OpenGap[]>()
  readonly #looked = new Map<RunId | null, number>()
  #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** What the fleet has no more is forgotten. */
  adopt(fleet: Fleet): void {
    if (fleet === this.#fleet) return
    this.#fleet = fleet
    for (const [id, series] of this.#series) {
      const everyMs = this.everyMs(id)
      if (everyMs === null) this.#series.delete(id)
      else series.everyMs = everyMs
    }
    for (const gap of this.gaps.values()) if (!fleet.sensors.has(gap.series)) this.#remove(gap)
    for (const device of this.sequences.keys()) if (!fleet.devices.has(device)) this.sequences.delete(device)
  }

  take({ rows, watermarks }: Committed): void {
    const reached = new Map(watermarks.map(({ run, at }) => [run, at]))
    for (const row of rows) if (row.arrival !== 'judged' && row.arrival !== 'revised') this.#takeRow(row, reached)
    for (const { run, at } of watermarks) this.#moveClock(run, at)
    for (const [run, at] of this.clocks) if (at - (this.#looked.get(run) ?? -Infinity) >= lookMs) this.#look(run, at)
  }

  state(): BookState {
    return {
      series: [...this.#series].map(([id, { everyMs, newest, delivery, device, run }]) => [id, { everyMs, newest, delivery, device, run }]),
      sequences: [...this.sequences],
      clocks: [...this.clocks],
    }
  }

  /** Takes up where another book was, with the gaps as they are kept. */
  restore(state: BookState | null, gaps: readonly OpenGap[]): void {
    // a checkpoint of an earlier release has no `firstAt`: `since` was that
    for (const [device, sequence] of state?.sequences ?? [])
      this.sequences.set(device, 'firstAt' in sequence ? sequence : beganAt(sequence))
    for (const [run, at] of state?.clocks ?? []) this.clocks.set(run, at)
    for (const gap of gaps) {
      this.gaps.set(gap.id, gap)
      if (gap.state !== 'open') this.#ended.add(gap)
      else this.#restored.set(gap.series, [...(this.#restored.get(gap.series) ?? []), gap])
    }
    for (const [id, known] of state?.series ?? []) this.#add(id, known)
  }

  /** The open gaps of all series. */
  *open(): Generator<OpenGap> {
    for (const { open } of this.#series.values()) yield* open
  }

  /** A gap that lasts misses more with every interval; the reading that is just due is not counted yet. */
  asOfNow(gap: OpenGap): OpenGap {
    const everyMs = this.everyMs(gap.series)
    const clock = this.clocks.get(gap.run)
    if (gap.to !== null || gap.state !== 'open' || everyMs === null || clock === undefined) return gap
    return { ...gap, missing: Math.max(gap.missing, Math.ceil((clock - gap.from) / everyMs) - 1) }
  }

  everyMs(series: SensorId): number | null {
    return this.#fleet.sensors.get(series)?.everyMs ?? null
  }

  /** `reached`: where the clocks are behind the commit; no reading of a clock that is ahead moves one further. */
  #takeRow(row: StoredRow, reached: ReadonlyMap<RunId | null, number>): void {
    const { series: id, device, seq, observedAt, run } = row
    if (seq !== null) this.#note(device, seq, measuredAt(row))
    if (run !== null) this.#moveClock(run, Math.min(observedAt, reached.get(run) ?? this.clocks.get(run) ?? Infinity))
    const clock = run === null ? row.receivedAt : (this.clocks.get(run) ?? observedAt)
    const series = this.#series.get(id)
    if (series === undefined) return this.#begin(row)
    const gap = observedAt > series.newest ? goOn(series, row, clock) : fillIn(series, row, clock)
    if (gap !== null) this.#change(series, gap, clock)
  }

  #begin({ series, observedAt: newest, delivery, device, run }: StoredRow): void {
    const everyMs = this.everyMs(series)
    if (everyMs !== null) this.#add(series, { everyMs, newest, delivery, device, run })
  }

  #add(id: SensorId, known: Omit<RegularSeries, 'open'>): void {
    this.#series.set(id, { ...known, open: this.#restored.get(id) ?? [] })
    this.#restored.delete(id)
  }

  #note(device: DeviceId, seq: number, at: number): void {
    const sequence = this.sequences.get(device)
    if (sequence === undefined) this.sequences.set(device, beginSequence(seq, at))
    else noteNumber(sequence, seq, at)
  }

  #moveClock(run: RunId | null, at: number): void {
    if (at > (this.clocks.get(run) ?? -Infinity)) this.clocks.set(run, at)
  }

  /** Looks for what did not come, and gives up what will not. */
  #look(run: RunId | null, at: number): void {
    this.#looked.set(run, at)
    for (const [id, series] of this.#series) {
      if (series.run !== run) continue
      const begun = waitFor(series, { series: id }, at)
      if (begun !== null) this.#change(series, begun, at)
      for (const gap of [...series.open]) if (gap.to !== null && at - gap.to > giveUpMs) this.#giveUp(series, gap, at)
    }
  }

  #giveUp(series: RegularSeries, gap: OpenGap, at: number): void {
    end(gap, 'given-up', at)
    this.#change(series, gap, at)
  }

  /** Keeps a gap that began or moved. One that is known already by its id was met again after a restart. */
  #change(series: RegularSeries, gap: OpenGap, clock: number): void {
    const known = this.gaps.get(gap.id)
    if (known === undefined && !this.#makeRoom()) return void (this.counts.dropped += 1)
    if (known !== undefined && known !== gap) return
    if (known === undefined) {
      this.counts.opened += 1
      this.gaps.set(gap.id, gap)
      series.open.push(gap)
    }
    if (gap.state !== 'open') {
      series.open.splice(series.open.indexOf(gap), 1)
      this.#ended.add(gap)
      this.counts[gap.state === 'closed' ? 'closed' : 'givenUp'] += 1
    } else if (gap.arrived === 0) gap.cause = this.#causeOf(gap)
    this.changed.add(gap)
    const eldest = series.open[0]
    if (series.open.length > mostOpenOfSeries && eldest !== undefined) this.#giveUp(series, eldest, clock)
  }

  /** Numbers that are missing say that it was sent; numbers that go on without one, that nothing was measured. */
  #causeOf({ device, series, from, to }: Gap): Gap['cause'] {
    const sequence = this.sequences.get(device)
    const until = to ?? Infinity
    if (sequence !== undefined && to !== null)
      return sequence.holes.some(({ after, before }) => after < until && before > from) ? 'never-arrived' : 'device-off'
    const others = this.#fleet.devices.get(device)?.stations.flatMap((id) => this.#fleet.stations.get(id)?.sensors ?? []) ?? []
    const heard = others.some(({ id }) => id !== series && (this.#series.get(id)?.newest ?? -Infinity) > from && !this.#isGone(id, from))
    return heard ? 'never-arrived' : 'device-off'
  }

  #isGone(id: SensorId, at: number): boolean {
    const { open = [], everyMs = 0 } = this.#series.get(id) ?? {}
    return open.some(({ from, to }) => from <= at + everyMs && at < (to ?? Infinity))
  }

  #makeRoom(): boolean {
    if (this.gaps.size < mostGaps) return true
    const [eldest] = this.#ended
    if (eldest === undefined) return false
    this.#remove(eldest)
    return true
  }

  #remove(gap: OpenGap): void {
    this.gaps.delete(gap.id)
    this.#ended.delete(gap)
    this.changed.delete(gap)
    this.removed.add(gap.id)
  }
}

function beganAt(sequence: Sequence): Sequence {
  return { ...sequence, firstAt: sequence.since, since: sequence.restarts > 0 ? sequence.since : 0 }
}
