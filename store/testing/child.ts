import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach } from '@jest/globals'
import { build } from 'esbuild'

export interface Child {
  process: ChildProcess
  /** The next line of its standard output; null when it has ended. */
  line(): Promise<string | null>
  /** Resolves when it has ended. */
  ended: Promise<void>
}

/** Starts programs of the tests as processes of their own, so that they can be killed. Call once in a test file. */
export function childProcesses(): (entry: string, args: readonly string[], wrapper?: readonly string[]) => Promise<Child> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const running: Child[] = []
  const folders: string[] = []
  afterEach(async () => {
    for (const child of running.splice(0)) {
      child.process.kill('SIGKILL')
      await child.ended
    }
  })
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })
  return async (entry, args, wrapper = []) => {
    // Beside the packages, so that the program finds those it leaves out.
    const cache = path.join(root, 'node_modules', '.cache')
    await mkdir(cache, { recursive: true })
    const folder = await mkdtemp(path.join(cache, 'gauge-child-'))
    folders.push(folder)
    const outfile = path.join(folder, 'child.mjs')
    const input = path.join(root, entry)
    await build({ entryPoints: [input], bundle: true, platform: 'node', format: 'esm', packages: 'external', outfile, logLevel: 'error' })
    const [command = process.execPath, ...before] = [...wrapper, process.execPath]
    const child = start(command, [...before, outfile, ...args])
    running.push(child)
    return child
  }
}

function start(command: string, args: readonly string[]): Child {
  const process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => process.once('close', () => resolve()))
  return {
    process,
    ended,
    line: async () => {
      const { value, done } = await lines.next()
      return done === true ? null : value
    },
  }
}
