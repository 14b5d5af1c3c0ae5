import { readFileSync } from 'node:fs'
import { requireRules } from '../analytics/rules/compile.ts'
import type { MappingDesk } from '../domain/device-mapping.ts'
import { createFleet, networkClashes, type CurrentFleet } from '../domain/fleet.ts'
import { runId, type DeviceId, type RunId } from '../domain/ids.ts'
import { takeTurns, type InTurn } from '../domain/in-turn.ts'
import { NetworkInvalid } from '../domain/errors.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { Network } from '../domain/network.ts'
import { openAddedDevices } from './added-devices.ts'
import { openMappings } from './mappings.ts'
import { ConfigInvalid } from './errors.ts'
import type { DeviceFile } from '../domain/network-schema.ts'
import type { DocumentStore } from '../store/ports/documents.ts'

interface RunNetworkBody {
  content: unknown
}

/** All networks that the system keeps: files of the configuration, and those that runs brought. */
export interface Networks {
  fleet: CurrentFleet
  /** Adds or replaces the network of a run; kept over restarts unless `transient`. Throws NetworkInvalid. */
  put(run: RunId, content: unknown, options?: { transient?: boolean }): Promise<Network>
  remove(run: RunId): Promise<boolean>
  /** How the words of single devices are read. */
  mappings: MappingDesk
  /** The network of a run, if it has one. */
  ofRun(run: RunId): Network | null
  /** The networks of the configured files, as they stand there. */
  ofFiles: readonly Network[]
  /** Whether the device came over the api. */
  wasAdded(device: DeviceId): boolean
  /** Keeps devices that came over the api, new or changed; the caller has judged them against `ofFiles` and the fleet. */
  putDevices(declarations: readonly DeviceFile[]): Promise<void>
  removeDevice(device: DeviceId): Promise<boolean>
}

/**
 * Reads the files (throws NetworkInvalid with every mistake) and the networks of earlier runs.
 * @param inTurn where mappings take turns with other changes
 */
export async function openNetworks(
  files: readonly string[],
  documents: DocumentStore,
  now: () => number,
  inTurn: InTurn = takeTurns(),
): Promise<Networks> {
  const fromFiles = files.map((file) => requireRules(readNetwork(textOf(file), { file, run: null })))
  const ofRuns = new Map<RunId, Network>()
  for (const { key, body } of await documents.list<RunNetworkBody>('network'))
    ofRuns.set(runId(key), readNetwork(body.content, { file: null, run: runId(key) }))
  const added = await openAddedDevices(documents, now)
  let real = added.into(fromFiles)
  const declared = (): Network[] => [...real, ...ofRuns.values()]
  let fleet = indexed(declared())

  const rebuild = (): void => {
    real = added.into(fromFiles)
    fleet = createFleet(declared().map(mappings.applied))
  }
  const mappings = await openMappings({ documents, now, inTurn, declared, onChanged: rebuild })
  rebuild()
  return {
    mappings,
    fleet: () => fleet,
    ofRun: (run) => ofRuns.get(run) ?? null,
    async put(run, content, options = {}) {
      const network = requireRules(readNetwork(content, { file: null, run }))
      const others = [...real, ...[...ofRuns].filter(([other]) => other !== run).map(([, other]) => other)]
      indexed([...others, network])
      if (!options.transient) await documents.put('network', run, { content } satisfies RunNetworkBody, now())
      ofRuns.set(run, network)
      rebuild()
      return network
    },
    async remove(run) {
      const there = ofRuns.delete(run)
      await documents.remove('network', run)
      if (there) rebuild()
      return there
    },
    ofFiles: fromFiles,
    wasAdded: (device) => added.has(device),
    async putDevices(declarations) {
      await added.put(declarations)
      rebuild()
    },
    async removeDevice(device) {
      const there = await added.remove(device)
      if (there) rebuild()
      return there
    },
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigInvalid([`networks: reading ${file}: ${cause instanceof Error ? cause.message : String(cause)}`])
  }
}

/** Throws when two networks claim one id. */
function indexed(networks: readonly Network[]): ReturnType<typeof createFleet> {
  const clashes = networkClashes(networks)
  if (clashes.length > 0)
    throw new NetworkInvalid(
      networks.map((network) => network.file ?? network.id).join(', '),
      clashes.map((message) => ({ path: 'networks', message })),
    )
  return createFleet(networks)
}
