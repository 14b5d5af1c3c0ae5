import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Problem } from '../../api/parts.ts'
import { GaugekeeperConfig, type Settings } from '../config/all.ts'
import { fieldsOf } from '../config/fields.ts'
import { version } from '../version.ts'
import type { Foundation } from './foundation.ts'
import type { LogLine } from './log.ts'

/** What somebody needs who helps from afar, without secrets and without readings. */
export interface SupportBundle {
  release: string
  runtime: { node: string; platform: string; cpu: string; uptimeS: number; rssBytes: number }
  at: number
  settings: Record<string, unknown>
  problems: Problem[]
  metrics: string
  networks: { id: string; run: string | null; stations: number; sensors: number; devices: number; rules: number }[]
  files: { path: string; bytes: number }[]
  log: readonly LogLine[]
}

interface SupportParts {
  foundation: Pick<Foundation, 'settings' | 'networks' | 'world'>
  problems: () => Promise<Problem[]>
  metrics: () => Promise<string>
  log: () => readonly LogLine[]
}

export function createSupport({ foundation, problems, metrics, log }: SupportParts): () => Promise<SupportBundle> {
  const { settings, networks, world } = foundation
  return async () => ({
    release: version,
    runtime: {
      node: process.version,
      platform: process.platform,
      cpu: process.arch,
      uptimeS: Math.round(process.uptime()),
      rssBytes: process.memoryUsage.rss(),
    },
    at: world.now(),
    settings: masked(settings),
    problems: await problems(),
    metrics: await metrics(),
    networks: networks.fleet().networks.map(({ id, run, stations, devices, rules }) => {
      const sensors = stations.reduce((sum, station) => sum + station.sensors.length, 0)
      return { id, run, stations: stations.length, sensors, devices: devices.length, rules: rules.length }
    }),
    files: await filesOf(settings.server.data),
    log: log(),
  })
}

/** Every setting by its path; a secret one only says whether it is set. */
export function masked(settings: Settings): Record<string, unknown> {
  const valueAt = (place: string): unknown =>
    place.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], settings)
  return Object.fromEntries(
    fieldsOf(GaugekeeperConfig).map(({ path: place, secret }) => {
      const value = valueAt(place) ?? null
      return [place, secret && value !== null && value !== '' ? '***' : value]
    }),
  )
}

async function filesOf(folder: string): Promise<SupportBundle['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  const sizes = files.map(async (file) => ({ path: path.relative(folder, file), bytes: (await stat(file).catch(() => null))?.size ?? 0 }))
  return Promise.all(sizes)
}
