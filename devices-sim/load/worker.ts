import { LoadGenerator, type LoadEnd } from './generator.ts'
import type { LoadOrder, LoadTick } from './order.ts'

/** What a load process is told: its order, then to begin; `stop` ends it early. */
export type LoadTold = { order: LoadOrder } | { begin: true } | { stop: true }

/** What it tells: how many connections are open (`ready`: as many as must be to begin), second by second what it did, how it ended or why it could not. */
export type LoadTells = { opened: number } | { ready: true } | { tick: LoadTick } | { end: LoadEnd } | { failed: string }

/** The channel to the process that ordered the load. */
export interface LoadChannel {
  tell(what: LoadTells): void
  onTold(listener: (told: LoadTold) => void): void
}

/** Serves one order; resolves when the load has ended. */
export function serveLoad({ tell, onTold }: LoadChannel, now: () => number): Promise<void> {
  return new Promise((resolve) => {
    let generator: LoadGenerator | null = null
    let opening: Promise<void> = Promise.resolve()
    const guarded = (step: Promise<unknown>): void =>
      void step.catch((error: unknown) => {
        tell({ failed: error instanceof Error ? error.message : String(error) })
        finish()
      })
    const finish = (): void => {
      generator?.close()
      resolve()
    }
    const prepare = async (order: LoadOrder): Promise<void> => {
      generator = new LoadGenerator(order, now)
      const mustBeOpen = order.early === true ? 1 : order.devices.length
      opening = generator.open((opened) => {
        if (opened % tellEvery === 0) tell({ opened })
        if (opened === mustBeOpen) tell({ ready: true })
      })
      await opening
    }
    const begin = async (): Promise<void> => {
      const [end] = await Promise.all([generator?.run((tick) => tell({ tick })), opening])
      if (end) tell({ end })
      finish()
    }
    onTold((told) => {
      if ('order' in told) guarded(prepare(told.order))
      else if ('begin' in told) guarded(begin())
      else generator?.stop()
    })
  })
}

const tellEvery = 50
