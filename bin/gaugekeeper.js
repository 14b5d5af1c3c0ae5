#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { buildIfStale } from './build.js'

// the journal's fdatasync, the store's questions and scrypt share this pool: with Node's four threads they would wait for each other
process.env.UV_THREADPOOL_SIZE ??= '8'

// a checkout builds what is stale; an installation without sources runs what it has
if (existsSync(new URL('../app/main.ts', import.meta.url))) await buildIfStale()
const { main } = await import(new URL('../dist/gaugekeeper.js', import.meta.url).href)
await main(process.argv)
