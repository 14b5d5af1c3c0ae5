import { collectDefaultMetrics, Gauge, Counter, Registry } from 'prom-client'

type Reading = number | Iterable<readonly [label: string, value: number]>

/** A figure that is read when somebody asks: `_total` names are counters. */
export interface Figure {
  name: string
  help: string
  /** One value, or several under a label. */
  read: () => Reading | Promise<Reading>
  label?: string
}

/**
 * The Prometheus text of some figures and of the process itself. No device id is ever a label: a fleet of thousands would make thousands
 * of series.
 */
export function createMetrics(figures: readonly Figure[], version: string): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'gaugekeeper_' })
  const info = new Gauge({
    name: 'gaugekeeper_build_info',
    help: 'Version that runs; always 1',
    labelNames: ['version'],
    registers: [registry],
  })
  info.set({ version }, 1)
  for (const figure of figures) add(registry, figure)
  return () => registry.metrics()
}

function add(registry: Registry, { name, help, read, label }: Figure): void {
  const shared = { name, help, labelNames: label ? [label] : [], registers: [registry] }
  const fill = async (set: (labels: Record<string, string>, value: number) => void): Promise<void> => {
    const found = await read()
    if (typeof found === 'number') set({}, found)
    else for (const [of, value] of found) set({ [label ?? 'of']: of }, value)
  }
  if (name.endsWith('_total'))
    new Counter({
      ...shared,
      async collect() {
        this.reset()
        await fill((labels, value) => this.inc(labels, value))
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
