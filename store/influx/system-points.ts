import { int, float, line, tag, type FieldText } from './line-protocol.ts'
import { measurements } from './points.ts'

/** How the system does, as its dashboard shows it. Counters count since the beginning of the store, unless said otherwise. */
export interface SystemFigures {
  /** Values received, and what became of them: received = stored + versions + duplicate + quarantined. */
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  /** Deliveries refused, that is, not acknowledged. */
  refused: number
  /** Of the stored: beyond the lateness allowed. */
  late: number
  journalBytes: number
  /** Deliveries on disk that the pipeline has not carried yet. */
  journalBacklog: number
  /** Commits that are not in InfluxDB yet. */
  sinkBehind: number
  devices: number
  devicesOnline: number
  openWarnings: number
  storeRows: number
  storeBytes: number
  /** Resident memory of the process. */
  rssBytes: number
  /** 99th percentile of the event loop's delay over the last minute, ms. */
  loopDelayP99Ms: number
}

const integers = [
  'received',
  'stored',
  'versions',
  'duplicate',
  'quarantined',
  'refused',
  'late',
  'journalBytes',
  'journalBacklog',
  'sinkBehind',
  'devices',
  'devicesOnline',
  'openWarnings',
  'storeRows',
  'storeBytes',
  'rssBytes',
] as const satisfies readonly (keyof SystemFigures)[]

/** One point of measurement `system` with tag `node`; fields are the figures' names in snake case. */
export function systemLine(node: string, figures: SystemFigures, at: number): string {
  const fields = integers.map((name): [string, FieldText] => [snakeCase(name), int(Math.round(figures[name]))])
  fields.push(['loop_delay_p99_ms', float(figures.loopDelayP99Ms)])
  return line(`${measurements.system}${tag('node', node)}`, fields, at)
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
