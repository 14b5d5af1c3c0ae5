import type { Problem } from '../../api/parts.ts'
import type { DeviceCount } from '../../store/ports/ledger.ts'

/** Devices that are named; of more only the number. */
const mostNamed = 5
const fates = ['stored', 'versions', 'duplicate', 'quarantined'] as const

/** Devices whose values do not add up to received = stored + versions + duplicate + quarantined, or of which fewer than none were counted. */
export function sumProblems(counts: readonly DeviceCount[]): Problem[] {
  const wrong = counts.filter((count) => !holds(count))
  if (wrong.length === 0) return []
  const named = wrong.slice(0, mostNamed).map((count) => `${count.device} (${figuresOf(count)})`)
  const more = wrong.length > mostNamed ? [`${wrong.length - mostNamed} more`] : []
  return [
    {
      name: 'counts',
      severity: 'failure',
      what: `received = stored + versions + duplicate + quarantined does not hold for ${[...named, ...more].join(', ')}`,
      todo: 'the readings are kept as they came, their counts are wrong: please report it with gaugekeeper doctor bundle; docs/operations.md, counts',
    },
  ]
}

function holds(count: DeviceCount): boolean {
  const sum = fates.reduce((total, fate) => total + count[fate], 0)
  return count.received === sum && fates.every((fate) => count[fate] >= 0)
}

const figuresOf = (count: DeviceCount): string => ['received' as const, ...fates].map((name) => `${name} ${count[name]}`).join(', ')
