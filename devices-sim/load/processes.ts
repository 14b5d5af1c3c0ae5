import type { ChildProcess } from 'node:child_process'
import { sharesOf, type LoadOrder, type LoadTick } from './order.ts'
import { LoadLedger, type LoadReport, type SecondNote } from './report.ts'
import type { LoadEnd } from './generator.ts'
import type { LoadTells, LoadTold } from './worker.ts'

export interface LoadParts {
  /** Starts a process that serves an order (`serveLoad`) over its channel. */
  fork: () => ChildProcess
  processes: number
  /** Seconds at the begin that do not count in the latency. Default 0. */
  warmUpSeconds?: number
  onOpened?: (count: number) => void
  /** Called once for each second, in order, when all processes have told of it. */
  onSecond?: (second: SecondNote) => void
  /** Called once, with what ends the load early: what waits is still acknowledged. */
  onStoppable?: (stop: () => void) => void
}

/** A process of the load could not do its part; the message says why. */
export class LoadFailed extends Error {}

/** Makes a load in several processes that begin together. Rejects with LoadFailed when one of them cannot; the others end too. */
export async function loadInProcesses(order: LoadOrder, parts: LoadParts): Promise<LoadReport> {
  const ledger = new LoadLedger()
  const opened = new Map<Share, number>()
  const newestOf = new Map<Share, number>()
  let told = -1
  const shares = sharesOf(order, parts.processes).map((share) => new Share(parts.fork(), share))
  for (const share of shares) {
    share.onOpened = (count) => {
      opened.set(share, count)
      parts.onOpened?.([...opened.values()].reduce((sum, one) => sum + one, 0))
    }
    share.onTick = (tick) => {
      ledger.add(tick)
      newestOf.set(share, tick.second)
      // what one process has told of a second is not the whole of it
      const whole = newestOf.size < shares.length ? -1 : Math.min(...newestOf.values())
      while (told < whole) {
        const second = ledger.second((told += 1))
        if (second) parts.onSecond?.(second)
      }
    }
  }
  try {
    await Promise.all(shares.map((share) => share.ready))
    parts.onStoppable?.(() => shares.forEach((share) => share.tell({ stop: true })))
    for (const share of shares) share.tell({ begin: true })
    const ends = await Promise.all(shares.map((share) => share.end))
    const phases = order.pace.kind === 'open' ? order.pace.phases : []
    return ledger.report(ends, { devices: order.devices.length, phases }, parts.warmUpSeconds)
  } finally {
    for (const share of shares) share.kill()
  }
}

/** One process of a load, as the one that ordered it sees it. */
class Share {
  onOpened: (count: number) => void = () => undefined
  onTick: (tick: LoadTick) => void = () => undefined
  readonly ready: Promise<void>
  readonly end: Promise<LoadEnd>
  readonly #child: ChildProcess

  constructor(child: ChildProcess, order: LoadOrder) {
    this.#child = child
    const failed = new Promise<never>((_, reject) => {
      child.on('message', (told: LoadTells) => void ('failed' in told && reject(new LoadFailed(told.failed))))
      child.once('error', (cause) => reject(new LoadFailed(`starting a load process: ${cause.message}`, { cause })))
      child.once('exit', (code, signal) => reject(new LoadFailed(`a load process ended with ${code ?? signal}`)))
    })
    this.ready = Promise.race([failed, this.#told((told) => ('ready' in told ? true : null))]).then(() => undefined)
    this.end = Promise.race([failed, this.#told((told) => ('end' in told ? told.end : null))])
    // who waits for `ready` hears of it there
    this.end.catch(() => undefined)
    child.on('message', (told: LoadTells) => {
      if ('opened' in told) this.onOpened(told.opened)
      else if ('tick' in told) this.onTick(told.tick)
    })
    this.tell({ order })
  }

  tell(told: LoadTold): void {
    if (this.#child.connected) this.#child.send(told)
  }

  kill(): void {
    this.#child.removeAllListeners()
    this.#child.kill()
  }

  #told<Found>(find: (told: LoadTells) => Found | null): Promise<Found> {
    return new Promise((resolve) => {
      this.#child.on('message', (told: LoadTells) => {
        const found = find(told)
        if (found !== null) resolve(found)
      })
    })
  }
}
