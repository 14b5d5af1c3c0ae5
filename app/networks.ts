import { readFileSync } from 'node:fs'
import { requireRules } from '../analytics/rules/compile.ts'
import { createFleet, networkClashes, type CurrentFleet } from '../domain/fleet.ts'
import { runId, type RunId } from '../domain/ids.ts'
import { NetworkInvalid } from '../domain/errors.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { Network } from '../domain/network.ts'
import { ConfigInvalid } from './errors.ts'
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
  /** The network of a run, if it has one. */
  ofRun(run: RunId): Network | null
}

/** Reads the files (throws NetworkInvalid with every mistake) and the networks of earlier runs. */
export async function openNetworks(files: readonly string[], documents: DocumentStore, now: () => number): Promise<Networks> {
  const fromFiles = files.map((file) => requireRules(readNetwork(textOf(file), { file, run: null })))
  const ofRuns = new Map<RunId, Network>()
  for (const { key, body } of await documents.list<RunNetworkBody>('network'))
    ofRuns.set(runId(key), readNetwork(body.content, { file: null, run: runId(key) }))
  let fleet = indexed([...fromFiles, ...ofRuns.values()])

  const rebuild = (): void => {
    fleet = createFleet([...fromFiles, ...ofRuns.values()])
  }
  return {
    fleet: () => fleet,
    ofRun: (run) => ofRuns.get(run) ?? null,
    async put(run, content, options = {}) {
      const network = requireRules(readNetwork(content, { file: null, run }))
      const others = [...fromFiles, ...[...ofRuns].filter(([other]) => other !== run).map(([, other]) => other)]
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
