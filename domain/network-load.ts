import { LineCounter, parseDocument } from 'yaml'
import { NetworkInvalid, type FileProblem } from './errors.ts'
import type { RunId } from './ids.ts'
import { buildDevices } from './network-devices.ts'
import { buildRules } from './network-rules.ts'
import { networkSchema, type LooseNetwork } from './network-schema.ts'
import { buildStations, wordsOf } from './network-stations.ts'
import type { Network } from './network.ts'
import { collectProblems, type Problems } from './problems.ts'
import { cycleIn } from './river-graph.ts'
import { checkShape } from './shape.ts'
import { isTimeZone } from './time-zone.ts'

/** Where a network comes from. A file makes it read-only in the console; a run marks all that it brings. */
export interface NetworkOrigin {
  file: string | null
  run: RunId | null
}

/**
 * Reads a network from YAML (or JSON) text or from its parsed content. Throws NetworkInvalid with every mistake that was found (at most
 * 200), each with its path and how to mend it. Defaults are filled in: names = ids, number 1, lateness 24h, day at 00:00, mqtt.
 */
export function readNetwork(content: unknown, origin: NetworkOrigin): Network {
  const shapes: FileProblem[] = []
  const parsed = typeof content === 'string' ? parseYaml(content, shapes) : content
  const file = shapes.length > 0 ? undefined : (checkShape(networkSchema, parsed, '', shapes) as LooseNetwork | undefined)
  const problems = collectProblems(shapes)
  const network = file === undefined ? null : build(file, origin, problems)
  if (network !== null && problems.list.length === 0) return network
  throw new NetworkInvalid(origin.file ?? (origin.run === null ? '(no file)' : `of run ${origin.run}`), problems.list)
}

function build(file: LooseNetwork, origin: NetworkOrigin, problems: Problems): Network {
  const { id = '', name, timeZone = 'UTC', dayStartsAt = '00:00', recorded = false } = file.network ?? {}
  if (!isTimeZone(timeZone))
    problems.add(
      'network.timeZone',
      () => `"${timeZone}" is not a time zone; use an IANA name such as Asia/Shanghai, or an offset such as +08:00`,
    )
  const stations = buildStations(file.stations ?? [], id, problems)
  const cycle = cycleIn(stations)
  if (cycle !== null) problems.add('stations', () => `the river flows in a circle: ${cycle.join(' -> ')}; one of these reaches is wrong`)
  const devices = buildDevices(file.devices ?? [], stations, { network: id, run: origin.run }, problems)
  const rules = buildRules(file.rules ?? [], stations, id, problems)
  const [hours, minutes] = dayStartsAt.split(':').map(Number)
  const dayStartsAtMinutes = (hours ?? 0) * 60 + (minutes ?? 0)
  return { id, name: wordsOf(name, id), timeZone, dayStartsAtMinutes, recorded, stations, devices, rules, ...origin }
}

/** Largest text that is read; 10,000 stations with five sensors each have about 6 MB. */
const mostCharacters = 32_000_000

function parseYaml(text: string, problems: FileProblem[]): unknown {
  if (text.length > mostCharacters) {
    problems.push({ path: 'file', message: `the text has ${text.length} characters, ${mostCharacters} are the most; split the network` })
    return undefined
  }
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  for (const error of document.errors) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    problems.push({ path: `line ${line}, column ${col}`, message: `not YAML: ${error.message}` })
  }
  return problems.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 })
}
