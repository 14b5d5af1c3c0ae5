#!/usr/bin/env node
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Makes dist/: the program as one file beside its node_modules, and the console's browser files. */
const root = path.resolve(fileURLToPath(import.meta.url), '../..')
const sources = [
  'analytics',
  'api',
  'app',
  'bench',
  'broker',
  'console',
  'devices-sim',
  'domain',
  'figures',
  'gateways',
  'grafana',
  'ingest',
  'notify',
  'store',
]
const stamp = path.join(root, 'dist', 'built')

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(place)
    else if (/\.(tsx?|json|css|yaml)$/.test(entry.name) && !entry.name.includes('.test.')) yield place
  }
}

/** True when a source is newer than the last build, or a file came or went. */
function isStale() {
  if (!existsSync(stamp)) return true
  const builtAt = statSync(stamp).mtimeMs
  const files = sources.flatMap((folder) => [...filesIn(path.join(root, folder))])
  const count = Number(readFileSync(stamp, 'utf8'))
  return files.length !== count || files.some((file) => statSync(file).mtimeMs > builtAt)
}

export async function build() {
  const { build: bundle, stop } = await import('esbuild')
  const shared = { bundle: true, sourcemap: true, logLevel: 'warning', jsx: 'automatic', jsxImportSource: 'preact', absWorkingDir: root }
  const server = { ...shared, platform: 'node', format: 'esm', target: 'node20', packages: 'external' }
  await Promise.all([
    bundle({ ...server, entryPoints: { gaugekeeper: 'app/main.ts', simulation: 'app/simulator/main.ts' }, outdir: 'dist' }),
    existsSync(path.join(root, 'bench/main.ts')) && bundle({ ...server, entryPoints: { bench: 'bench/main.ts' }, outdir: 'dist' }),
    bundle({
      ...shared,
      entryPoints: [
        { in: 'console/browser/main.ts', out: 'main' },
        { in: 'console/style.css', out: 'main' },
      ],
      outdir: 'dist/console',
      platform: 'browser',
      format: 'esm',
      target: ['es2022', 'safari16'],
      minify: true,
      charset: 'utf8',
    }),
  ])
  for (const file of filesIn(path.join(root, 'devices-sim/scenarios')))
    if (file.endsWith('.yaml')) cpSync(file, path.join(root, 'dist/scenarios', path.basename(file)))
  // its process would stay as long as the server that was built
  await stop()
  writeFileSync(stamp, String(sources.flatMap((folder) => [...filesIn(path.join(root, folder))]).length))
}

export async function buildIfStale() {
  if (isStale()) await build()
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await (process.argv.includes('--if-stale') ? buildIfStale() : build())
