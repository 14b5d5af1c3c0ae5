#!/usr/bin/env node
import { buildIfStale } from './build.js'

await buildIfStale()
const { main } = await import(new URL('../dist/bench.js', import.meta.url).href)
await main(process.argv.slice(2))
