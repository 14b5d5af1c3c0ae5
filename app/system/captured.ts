import type { Network } from '../../domain/network.ts'
import { writeNetwork } from '../../domain/network-write.ts'
import { exportCapture, type CaptureOrder } from '../../ingest/journal/capture.ts'
import type { Journal } from '../../ingest/ports.ts'

/** What of the journal: numbers, a run or a network, and moments of receipt (epoch ms). */
export interface CaptureQuery {
  from?: string
  to?: string
  run?: string
  network?: string
  since?: string
  until?: string
}

/** The journal as a capture with the networks it belongs to; null when there is no such run or network. */
export function capturedLines(
  journal: Pick<Journal, 'read' | 'figures'>,
  networks: readonly Network[],
  query: CaptureQuery,
): AsyncGenerator<Uint8Array> | null {
  const chosen = networks.filter((network) => isAll(query) || network.run === query.run || network.id === query.network)
  if (chosen.length === 0 && !isAll(query)) return null
  const { oldest, newest } = journal.figures()
  const range = { from: Number(query.from ?? oldest), to: Number(query.to ?? newest) }
  return exportCapture(journal, { ...range, ...captured(chosen, query) })
}

/** Why there is nothing to capture. */
export const noNetwork = ({ run, network }: CaptureQuery): string =>
  run === undefined ? `There is no network ${network}.` : `There is no run ${run}.`

const isAll = ({ run, network }: CaptureQuery): boolean => run === undefined && network === undefined

/** These networks with what their devices sent, or all that was received, and of a time. */
function captured(chosen: readonly Network[], query: CaptureQuery): Pick<CaptureOrder, 'networks' | 'takes'> {
  const { since = '-Infinity', until = 'Infinity' } = query
  const files = chosen.map((network) => ({ run: network.run, network: writeNetwork(network) }))
  const devices = new Set<string>(chosen.flatMap((network) => network.devices.map((device) => device.id)))
  const clocks = new Set(chosen.map((network) => (network.run === null ? 'wall' : `run/${network.run}`)))
  const [first, last] = [Number(since), Number(until)]
  const takes: CaptureOrder['takes'] = ({ device, source, topic, receivedAt }) =>
    receivedAt >= first && receivedAt <= last && (isAll(query) || (source === 'tick' ? clocks.has(topic) : devices.has(device)))
  return { networks: files, takes }
}
