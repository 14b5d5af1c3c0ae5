import { loadProcess } from '../load/process.ts'
import { simulationProcess } from './process.ts'

// A program of its own: it needs neither store nor broker nor pages, and is there in half the time of the whole one.
// The process of a load forks it once more for each that makes a part of it.
await (process.argv[2] === 'load' ? loadProcess() : simulationProcess())
