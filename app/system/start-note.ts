import { createHash } from 'node:crypto'
import type { AuditNote } from '../../domain/audit.ts'
import { GaugekeeperConfig, type Settings } from '../config/all.ts'
import { fieldsOf } from '../config/fields.ts'
import { version } from '../version.ts'

/** What the audit log says of a start: version, digest of all settings, and the names of those that are not the defaults. */
export function startNote(settings: Settings): AuditNote {
  const differs = ({ path, default: standard }: { path: string; default: unknown }): boolean =>
    JSON.stringify(valueAt(settings, path)) !== JSON.stringify(standard)
  const changed = fieldsOf(GaugekeeperConfig)
    .filter(differs)
    .map(({ path }) => path)
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
  const detail = [`settings ${digest}`, ...(changed.length > 0 ? [`set: ${changed.join(' ')}`] : [])].join(', ')
  return { action: 'start', outcome: 'done', who: null, target: version, address: null, reason: null, detail }
}

const valueAt = (settings: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], settings)
