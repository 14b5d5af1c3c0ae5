import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Makes one script of a TypeScript file and what it imports of ours, to be run by node from any folder. */
export function bundled(entry: string, folder: string): string {
  const outfile = path.join(folder, `${path.basename(entry, '.ts')}.cjs`)
  const source = fileURLToPath(new URL(entry, import.meta.url))
  buildSync({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'cjs', packages: 'external', logLevel: 'silent' })
  return outfile
}

export interface Running {
  child: ChildProcess
  /** Lines of stdout so far, whole ones. */
  lines(): string[]
  /** Resolves when it has ended and all it wrote has come. */
  ended: Promise<unknown>
}

/** Starts the publisher with its settings; `command` stands before node, e.g. strace and its arguments. */
export async function startPublisher(folder: string, script: string, settings: object, command: readonly string[] = []): Promise<Running> {
  const file = path.join(folder, 'settings.json')
  await writeFile(file, JSON.stringify(settings))
  const [program = process.execPath, ...rest] = [...command, process.execPath, script, file]
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: path.join(root, 'node_modules') },
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    child,
    lines: () =>
      text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .slice(0, -1),
    ended: once(child, 'close'),
  }
}
