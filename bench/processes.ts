import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult } from './load.ts'

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

/** Runs the load generator to its end, in its own process. */
export async function runLoad(order: LoadOrder, folder: string): Promise<LoadResult> {
  const file = path.join(folder, 'load.json')
  writeFileSync(file, JSON.stringify(order))
  const child = spawn(process.execPath, [self, 'load', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const output = await text(child)
  if (child.exitCode !== 0) throw new Error(`the load generator ended with ${child.exitCode}`)
  return JSON.parse(output) as LoadResult
}

async function text(child: ChildProcess): Promise<string> {
  const chunks: string[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  return chunks.join('')
}

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
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
