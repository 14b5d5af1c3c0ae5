import type { FaultWindow } from '../faults/fault.ts'
import type { TruthReading } from '../truth/truth.ts'
import { keyOf, uniform } from '../world/random.ts'
import type { LoggerParts } from './logger.ts'
import { overtakenBy, sentAt, throughWire, type HeldGroup, type Launch, type Transmission } from './wire.ts'

export interface Radio {
  /** Puts groups into its memory; what no longer fits is lost. */
  take(groups: readonly HeldGroup[], lost: TruthReading[]): void
  /** All that leaves up to a moment, in the order of leaving. */
  sendUntil(until: number): Transmission[]
}

/** Most groups in one message: an hour of a one-minute gauge. */
const mostGroups = 60
/** A message waits so long for another one to overtake it; then it leaves in its turn. */
const mostOvertakenMs = 2 * 3_600_000
/** A device is back so many ms after its line. */
const mostBackoffMs = 20_000

/**
 * What a device does with its readings until they are gone: it waits until they are due and the line stands, tries until its radio has got
 * through, and sends the oldest first, several in one message.
 */
export function createRadio({ device, habits, firmware, faults, seed, tryingMs }: LoggerParts): Radio {
  const key = keyOf(device)
  const memory: HeldGroup[] = []
  let lastCut: FaultWindow | null = null
  const cutAt = (at: number): FaultWindow | null => faults.at(at).find(({ type }) => type === 'line-cut') ?? null
  /** The moment itself where the line stands, else when it is back for good. */
  const lineAt = (at: number): number => {
    for (let cut = cutAt(at); cut !== null; cut = cutAt(at)) at = cut.to + Math.floor(cut.draw * mostBackoffMs)
    return at
  }
  /** Its radio does one message at a time. */
  let freeAt = 0
  const leaves = ({ due }: HeldGroup): number => lineAt(Math.max(due, freeAt))
  /** The readings of what had to wait bear what it waited for. */
  const waited = (held: HeldGroup): HeldGroup => {
    const cut = cutAt(held.due)
    if (cut === null) return held
    return { ...held, readings: held.readings.map((reading) => ({ ...reading, faults: [...reading.faults, cut.id] })) }
  }
  const way = createWay(lineAt)
  return {
    take(groups, lost) {
      memory.push(...groups)
      for (const { due } of groups) lastCut = cutAt(due) ?? lastCut
      const causes = lastCut === null ? [] : [lastCut.id]
      for (const { readings } of memory.splice(0, Math.max(0, memory.length - habits.memory)))
        for (const reading of readings) lost.push({ ...reading, faults: [...reading.faults, ...causes], outcome: 'never sent' })
    },
    sendUntil(until) {
      for (let oldest = memory[0]; oldest !== undefined; oldest = memory[0]) {
        const begun = leaves(oldest)
        const at = lineAt(begun + tryingMs(begun))
        if (at > until) break
        freeAt = at
        // whatever may leave by then goes along, and whatever is older has to
        const ready = memory.findLastIndex((held) => leaves(held) <= at)
        const groups = memory.splice(0, Math.min(mostGroups, ready + 1)).map(waited)
        way.launch({ device, firmware, groups, at, windows: faults.at(at), chance: uniform(seed, key, at, 3) })
      }
      return way.goneBy(until)
    },
  }
}

/** What has left the memory: on its way at once, later, or when the next one has overtaken it. */
function createWay(lineAt: (at: number) => number) {
  let outgoing: Transmission[] = []
  let behind: { launch: Launch; by: FaultWindow } | null = null
  const send = (launch: Launch): Transmission[] => {
    const sent = throughWire(launch)
    outgoing.push(...sent.map((one) => sentAt(one, lineAt(one.at))))
    return sent
  }
  /** What nothing has overtaken by then leaves as it is. */
  const leaveAlone = (until: number): void => {
    if (behind === null || behind.launch.at + mostOvertakenMs > until) return
    send({ ...behind.launch, at: behind.launch.at + mostOvertakenMs })
    behind = null
  }
  /** Sends it, or keeps it back until the next one has left. */
  const launch = (one: Launch): void => {
    leaveAlone(one.at)
    const by = behind === null ? overtakenBy(one) : undefined
    if (by !== undefined) return void (behind = { launch: one, by })
    const isLate = send(one).every(({ at }) => at > one.at)
    if (behind === null || isLate) return
    send({ ...behind.launch, at: one.at + Math.ceil(1000 + one.chance * 19_000), overtaken: behind.by })
    behind = null
  }
  return {
    launch,
    /** All that is gone up to a moment, in the order of leaving. */
    goneBy(until: number): Transmission[] {
      leaveAlone(until)
      if (outgoing.length === 0) return outgoing
      const gone = outgoing.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      outgoing = outgoing.filter(({ at }) => at > until)
      return gone
    },
  }
}
