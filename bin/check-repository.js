#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What must never be in the repository: registry hosts in the lock file, machine paths, secrets, recorded data, empty names. */
const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n')
const problems = []

const lock = readFileSync('package-lock.json', 'utf8')
if (/"resolved"\s*:/.test(lock)) problems.push('package-lock.json names download addresses; install with the project .npmrc')

for (const file of files) {
  if (/(^|\/)(utils?|helpers?|common|misc|manager|service)(\/|s?\.tsx?$)/i.test(file)) problems.push(`${file}: a name that says nothing`)
  if (/\.(csv|csv\.gz|duckdb|pem|key)$/.test(file) && !file.includes('testdata/'))
    problems.push(`${file}: data and keys do not belong here`)
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`${files.length} files: nothing that does not belong`)
