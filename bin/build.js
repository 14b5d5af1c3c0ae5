#!/usr/bin/env node
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Makes dist/: the program with the packages it uses, cut where it loads a part only when it is needed, and the console's browser files.
 * Packages are bundled because Node looks up each of their thousand files by itself: 0.9 s of CPU at each start, 0.4 s bundled.
 */
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

/** Everything that a build depends on. */
const inputs = () => [
  ...sources.flatMap((folder) => [...filesIn(path.join(root, folder))]),
  ...['package-lock.json', 'bin/build.js'].map((file) => path.join(root, file)),
]

/** True when a source is newer than the last build, or a file came or went. */
function isStale() {
  if (!existsSync(stamp)) return true
  const builtAt = statSync(stamp).mtimeMs
  const files = inputs()
  const count = Number(readFileSync(stamp, 'utf8'))
  return files.length !== count || files.some((file) => statSync(file).mtimeMs > builtAt)
}

/**
 * Packages with native code, those that look for files beside themselves, and those whose parts find each other by metadata of the whole
 * process (the certificates' x509): they stay in node_modules.
 */
const unbundled = [
  ...['@duckdb/node-bindings', 'classic-level', '@fastify/swagger-ui', 'pino', 'pino-pretty', 'esbuild'],
  ...['@peculiar/x509', 'reflect-metadata'],
]

const server = {
  ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20', external: unbundled, outdir: 'dist' },
  ...{ sourcemap: true, sourcesContent: false, logLevel: 'warning', absWorkingDir: root, jsx: 'automatic', jsxImportSource: 'preact' },
  // what CommonJS packages call for Node's own modules
  banner: { js: "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)" },
}

export async function build() {
  const { build: bundle, stop } = await import('esbuild')
  const hasBench = existsSync(path.join(root, 'bench/main.ts'))
  const shared = { bundle: true, sourcemap: true, logLevel: 'warning', jsx: 'automatic', jsxImportSource: 'preact', absWorkingDir: root }
  await Promise.all([
    bundle({
      ...server,
      entryPoints: { gaugekeeper: 'app/main.ts', simulation: 'app/simulator/main.ts', ...(hasBench && { bench: 'bench/main.ts' }) },
    }),
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
  removeOldParts()
  writeFileSync(stamp, String(inputs().length))
}

const dayMs = 86_400_000

/** Parts of earlier builds go after a day: a program that still runs may ask for its own. */
function removeOldParts() {
  const dist = path.join(root, 'dist')
  const parts = readdirSync(dist).filter((name) => /-[A-Z0-9]{8}\.js(\.map)?$/.test(name))
  for (const part of parts.map((name) => path.join(dist, name))) if (Date.now() - statSync(part).mtimeMs > dayMs) rmSync(part)
}

export async function buildIfStale() {
  if (isStale()) await build()
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await (process.argv.includes('--if-stale') ? buildIfStale() : build())
