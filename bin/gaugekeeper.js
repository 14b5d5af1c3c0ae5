#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { buildIfStale } from './build.js'

// a checkout builds what is stale; an installation without sources runs what it has
if (existsSync(new URL('../app/main.ts', import.meta.url))) await buildIfStale()
const { main } = await import(new URL('../dist/gaugekeeper.js', import.meta.url).href)
await main(process.argv)
