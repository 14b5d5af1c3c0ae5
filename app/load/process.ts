import { serveLoad, type LoadTold } from '../../devices-sim/load/worker.ts'

/** Serves the load order of the process that forked this one; ends when that one is gone. */
export async function loadProcess(): Promise<void> {
  process.once('disconnect', () => process.exit())
  // Ctrl-C goes to the whole group: the one that ordered the load says when to stop
  process.on('SIGINT', () => undefined)
  await serveLoad(
    {
      tell: (what) => void (process.connected && process.send?.(what)),
      onTold: (listener) => process.on('message', (told: LoadTold) => listener(told)),
    },
    () => performance.now(),
  )
}
