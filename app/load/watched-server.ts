import { linearRegression } from 'simple-statistics'
import type { ApiClient } from '../commands/client.ts'

/** What a server's /metrics said at one moment. */
interface Sample {
  /** s since the first. */
  at: number
  residentBytes: number
  connections: number
  clients: number
  /** When its process began, epoch s. */
  startedAt: number
}

/** How a server lived through a load. */
export interface ServerWatch {
  samples: number
  residentBytes: { first: number; last: number; most: number }
  /** Least squares over the samples behind the first quarter of the time, 30 min at most; null under a minute of them. */
  residentBytesPerHour: number | null
  /** Open MQTT connections, and those that have logged in: most at a time, and when the load had gone. */
  connections: { most: number; after: number }
  clients: { most: number; after: number }
  /** True when the process at the end is another one than at the begin: it ended of an error nobody caught, or was stopped. */
  restarted: boolean
}

const everyMs = 5_000
const settleAtMostSeconds = 1_800

/** Samples /metrics every 5 s until `end`, which resolves with what was seen. A sample that fails is left out. */
export function watchServer(client: Pick<ApiClient, 'stream'>, now: () => number): { end: () => Promise<ServerWatch> } {
  const begun = now()
  const samples: Sample[] = []
  const sample = async (): Promise<void> => {
    const read = await metricsOf(client).catch(() => null)
    if (read) samples.push({ at: (now() - begun) / 1000, ...read })
  }
  let turn = sample()
  const timer = setInterval(() => (turn = turn.then(sample)), everyMs)
  return {
    async end() {
      clearInterval(timer)
      await turn
      await sample()
      return watchOf(samples)
    },
  }
}

async function metricsOf(client: Pick<ApiClient, 'stream'>): Promise<Omit<Sample, 'at'>> {
  let text = ''
  for await (const chunk of await client.stream('/metrics')) text += Buffer.from(chunk).toString()
  const figure = (name: string): number => Number(new RegExp(`^gaugekeeper_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN)
  return {
    residentBytes: figure('process_resident_memory_bytes'),
    connections: figure('broker_connections'),
    clients: figure('broker_clients'),
    startedAt: figure('process_start_time_seconds'),
  }
}

/** Sums up samples in the order of time. */
export function watchOf(samples: readonly Sample[]): ServerWatch {
  const [first, last] = [samples[0], samples.at(-1)]
  const settled = samples.filter(({ at }) => at >= Math.min(settleAtMostSeconds, (last?.at ?? 0) / 4))
  const slope = linearRegression(settled.map(({ at, residentBytes }) => [at, residentBytes])).m * 3600
  return {
    samples: samples.length,
    residentBytes: {
      first: first?.residentBytes ?? NaN,
      last: last?.residentBytes ?? NaN,
      most: Math.max(...samples.map(({ residentBytes }) => residentBytes)),
    },
    residentBytesPerHour: settled.length * everyMs < 60_000 ? null : slope,
    connections: { most: Math.max(...samples.map(({ connections }) => connections)), after: last?.connections ?? NaN },
    clients: { most: Math.max(...samples.map(({ clients }) => clients)), after: last?.clients ?? NaN },
    restarted: first?.startedAt !== last?.startedAt,
  }
}
