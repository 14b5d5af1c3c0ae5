#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Adds the binaries of other platforms that npm leaves out of the lock file when it cannot install them here, so that `npm ci` works
 * everywhere. Run after each `npm install`; `--check` only says what is missing.
 */
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))

export function missingOptionals(packages) {
  const missing = []
  for (const [place, entry] of Object.entries(packages))
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const nested = `${place}/node_modules/${name}`
      if (!(nested in packages) && !(`node_modules/${name}` in packages)) missing.push({ name, version })
    }
  return missing
}

const missing = missingOptionals(lock.packages)
if (process.argv.includes('--check')) {
  for (const { name } of missing) console.error(`package-lock.json lacks the optional package ${name}; run node bin/complete-lock.js`)
  process.exit(missing.length > 0 ? 1 : 0)
}

/** os, cpu and libc as package names of native binaries carry them: name-linux-arm64-musl, name-win32-x64. */
const platformOf = (name) => {
  const [, os, cpu, libc] = /-(darwin|linux|win32|freebsd)-(x64|arm64|arm|ia32)(?:-(musl|gnu))?$/.exec(name) ?? []
  if (!os) throw new Error(`${name}: its name tells no platform; add it to package-lock.json by hand`)
  return { cpu: [cpu], os: [os], ...(os === 'linux' ? { libc: [libc === 'musl' ? 'musl' : 'glibc'] } : {}) }
}

/** No `integrity`: a registry may not carry every platform, and npm then fills it in at the first install there. */
const entryOf = ({ name, version }) => ({ version, ...platformOf(name), optional: true })

for (const optional of missing) lock.packages[`node_modules/${optional.name}`] = entryOf(optional)
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(`added ${missing.map((m) => m.name).join(', ') || 'nothing'}`)
