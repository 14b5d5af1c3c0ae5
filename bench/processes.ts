import { fork, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { LoadOrder } from '../devices-sim/load/order.ts'
import { loadInProcesses } from '../devices-sim/load/processes.ts'
import type { LoadReport } from '../devices-sim/load/report.ts'

/** Clock ticks a second of /proc/<pid>/stat on Linux. */
const ticksPerSecond = 100

/** CPU seconds (user + system, all threads) that a process has used so far. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

const self = fileURLToPath(new URL('../bin/bench.js', import.meta.url))

/** One of the benchmark's own programs (`load`, `peer`) in a process of its own. */
export function startPart(part: string, order: unknown): ChildProcess {
  return spawn(process.execPath, [self, part, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Makes a load to its end, in one process of its own. */
export const runLoad = (order: LoadOrder, warmUpSeconds = 0, processes = 1): Promise<LoadReport> =>
  loadInProcesses(order, { fork: () => fork(self, ['load']), processes, warmUpSeconds })

/** Ends a process that this benchmark started. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
