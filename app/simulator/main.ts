import { simulationProcess } from './process.ts'

// A program of its own: it needs neither store nor broker nor pages, and is there in half the time of the whole one.
await simulationProcess()
