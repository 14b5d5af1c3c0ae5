import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../bin/gaugekeeper.js', import.meta.url))

/** What a finished command left. */
export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs `gaugekeeper …` to its end. */
export const gaugekeeper = (...args: readonly string[]): Promise<Finished> => gaugekeeperTold('', ...args)

/** The same with a text on its standard input. */
export function gaugekeeperTold(input: string, ...args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  // a command that reads nothing may be gone before it is told
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })),
  )
}
