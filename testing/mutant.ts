import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Finished } from './command.ts'
import { temporaryFolder } from './server.ts'

/** A deliberate mistake: in one source file, one text for another. */
export interface Mistake {
  /** Path from the root. */
  file: string
  right: string
  wrong: string
}

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Builds the program with a mistake in it (null = without), beside its real build, and returns what runs it. Rejects when the text that the
 * mistake replaces is not in the file: it has to be chosen anew then.
 */
export async function buildMutant(name: string, mistake: Mistake | null): Promise<(...args: readonly string[]) => Promise<Finished>> {
  const outdir = path.join(root, 'dist', 'mutants', `${name}-${path.basename(temporaryFolder())}`)
  mkdirSync(outdir, { recursive: true })
  symlinkSync(path.join(root, 'dist', 'console'), path.join(outdir, 'console'))
  await build({
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'error', absWorkingDir: root },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', entryPoints: { gaugekeeper: 'app/main.ts' }, outdir },
    plugins:
      mistake === null ? [] : [{ name, setup: ({ onLoad }) => onLoad({ filter: filterOf(mistake) }, () => ({ ...mutated(mistake) })) }],
  })
  return (...args) => run(path.join(outdir, 'gaugekeeper.js'), args)
}

const filterOf = ({ file }: Mistake): RegExp => new RegExp(`${file.replace(/[.]/g, '\\.')}$`)

function mutated({ file, right, wrong }: Mistake): { contents: string; loader: 'ts' } {
  const source = readFileSync(path.join(root, file), 'utf8')
  if (source.split(right).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(right)} once: choose another mistake`)
  return { contents: source.replace(right, () => wrong), loader: 'ts' }
}

function run(program: string, args: readonly string[]): Promise<Finished> {
  const start = `const { main } = await import(${JSON.stringify(program)}); await main(['node', 'gaugekeeper', ...process.argv.slice(1)])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', start, '--', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })),
  )
}
