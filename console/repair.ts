import type { MappingPage } from '../api/schemas/mapping.ts'
import type { QuarantineNote } from '../api/schemas/quarantine.ts'

/** Which part of a device's mapping mends what was set aside. */
export type RepairKind = 'channels' | 'units' | 'zone'

const kinds: Partial<Record<QuarantineNote['reason'], RepairKind>> = {
  'unknown-parameter': 'channels',
  'unknown-series': 'channels',
  'unknown-unit': 'units',
  'unit-mismatch': 'units',
  'no-offset': 'zone',
}

/** Null where no mapping mends it. */
export const repairKindOf = (reason: QuarantineNote['reason']): RepairKind | null => kinds[reason] ?? null

type Mapping = MappingPage['versions'][number]['mapping']

/** The newest mapping with one word added or changed; a mapping is set as a whole. */
export function withWord({ versions }: Pick<MappingPage, 'versions'>, kind: RepairKind, name: string, value: string): Mapping {
  const newest = versions[0]?.mapping ?? {}
  return kind === 'zone' ? { ...newest, zone: value } : { ...newest, [kind]: { ...newest[kind], [name]: value } }
}
