import { collectDefaultMetrics, Gauge, Counter, Registry, type Histogram } from 'prom-client'

type Reading = number | Iterable<readonly [label: string | readonly string[], value: number]>

/** A figure that is read when somebody asks: `_total` names are counters, whose values should only grow. */
export interface Figure {
  name: string
  help: string
  /** One value, or several, each under the value of its label, or the values of its labels. */
  read: () => Reading | Promise<Reading>
  label?: string | readonly string[]
}

/**
 * The Prometheus text of some figures and of the process itself. No device id is ever a label: a fleet of thousands would make thousands
 * of series. A figure that cannot be read just now, because the store is away or damaged, is left out: the others say so.
 */
export function createMetrics(figures: readonly Figure[], timings: readonly Histogram[], version: string): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'gaugekeeper_' })
  for (const name of misnamed) registry.removeSingleMetric(`gaugekeeper_${name}`)
  const info = new Gauge({
    name: 'gaugekeeper_build_info',
    help: 'Version that runs; always 1',
    labelNames: ['version'],
    registers: [registry],
  })
  info.set({ version }, 1)
  for (const figure of figures) add(registry, figure)
  for (const timing of timings) registry.registerMetric(timing)
  return () => registry.metrics()
}

const asked = async (read: Figure['read']): Promise<Reading | null> => {
  try {
    return await read()
  } catch {
    return null
  }
}

/** Gauges of the library that have the name of a counter; the same figures by type are left. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

function add(registry: Registry, { name, help, read, label }: Figure): void {
  const labels = typeof label === 'string' ? [label] : (label ?? [])
  const shared = { name, help, labelNames: labels, registers: [registry] }
  const fill = async (set: (labels: Record<string, string>, value: number) => void): Promise<void> => {
    const found = await asked(read)
    if (found === null) return
    if (typeof found === 'number') set({}, found)
    else
      for (const [of, value] of found) {
        const values = typeof of === 'string' ? [of] : of
        set(Object.fromEntries(labels.map((name, i) => [name, values[i] ?? ''])), value)
      }
  }
  if (name.endsWith('_total'))
    new Counter({
      ...shared,
      async collect() {
        this.reset()
        await fill((labels, value) => this.inc(labels, countOf(value)))
      },
    })
  else
    new Gauge({
      ...shared,
      async collect() {
        this.reset()
        await fill((labels, value) => this.set(labels, value))
      },
    })
}

/** One figure that is wrong must not cost all the others: the library throws for a counter below 0. `doctor` tells of sums that are wrong. */
const countOf = (value: number): number => (Number.isFinite(value) ? Math.max(0, value) : 0)
