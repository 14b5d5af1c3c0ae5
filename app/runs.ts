import type { RunDesk, RunSummary } from '../api/parts.ts'
import type { Accept } from '../domain/delivery.ts'
import type { DeviceCredentials } from '../domain/identity.ts'
import { deviceId, type RunId } from '../domain/ids.ts'
import type { Store } from '../store/ports/store.ts'
import type { Networks } from './networks.ts'

interface RunParts {
  networks: Networks
  credentials: DeviceCredentials
  store: Store
  accept: Accept
  now: () => number
  /** Takes the rows of a run out of a second sink as well. */
  dropElsewhere: (run: RunId) => Promise<unknown>
}

/** The login under which our own clock stands in the journal. */
const clockDevice = deviceId('clock')

/** A reading of the clock for one run or (null) the real fleet, as a journalled delivery. */
export function tickDelivery(run: RunId | null, at: number, now: number): Parameters<Accept>[0] {
  const payload = Buffer.from(JSON.stringify({ at }))
  return { device: clockDevice, source: 'tick', topic: run === null ? 'wall' : `run/${run}`, payload, receivedAt: now }
}

function tickedAt(payload: Uint8Array): number | null {
  const { at } = JSON.parse(Buffer.from(payload).toString()) as { at?: unknown }
  return typeof at === 'number' && Number.isSafeInteger(at) ? at : null
}

/** Simulations and replays: each brings its own network, devices and clock, and marks all its rows. */
export function createRunDesk({ networks, credentials, store, accept, now, dropElsewhere }: RunParts): RunDesk {
  return {
    async create(run, content, clock) {
      const network = await networks.put(run, content)
      const known = await store.documents.get<RunSummary>('run', run)
      const summary: RunSummary = known?.body ?? { run, network: network.id, clock, createdAt: now() }
      await store.documents.put('run', run, summary, now())
      const secrets = await credentials.issue(network.devices.map((device) => device.id))
      return { summary, secrets }
    },
    tick: (run, at) => accept(tickDelivery(run, at, now())),
    async deliver(run, deliveries) {
      const devices = new Set(networks.ofRun(run)?.devices.map(({ id }) => id))
      const own = deliveries.flatMap((delivery) => {
        if (delivery.source !== 'tick') return devices.has(delivery.device) ? [delivery] : []
        const at = tickedAt(delivery.payload)
        return at === null ? [] : [tickDelivery(run, at, delivery.receivedAt)]
      })
      await Promise.all(own.map(accept))
      return { accepted: own.length, leftOut: deliveries.length - own.length }
    },
    list: async () => (await store.documents.list<RunSummary>('run')).map((document) => document.body),
    removed: async () => (await store.documents.list<{ run: RunId }>('removed-run')).map((document) => document.body.run),
    async remove(run) {
      const network = networks.ofRun(run)
      if (network) await store.documents.put('removed-run', run, { run }, now())
      const there = await store.documents.remove('run', run)
      if (!there || !network) return there
      for (const device of network.devices) await credentials.revoke(device.id)
      await networks.remove(run)
      await store.telemetry.dropRun(run)
      await dropElsewhere(run)
      return true
    },
  }
}
