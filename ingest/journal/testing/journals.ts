import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach } from '@jest/globals'
import { deviceId } from '../../../domain/ids.ts'
import type { Delivery, JournalledDelivery } from '../../../domain/delivery.ts'
import type { Journal } from '../../ports.ts'
import { JournalConfig } from '../config.ts'
import type { DiskJournal, JournalParts } from '../journal.ts'
import { openJournal } from '../open.ts'

const open = new Set<DiskJournal>()
const folders: string[] = []

afterEach(async () => {
  for (const journal of open) await journal.close()
  open.clear()
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

/** The configuration as the schema's defaults give it, with some changed. */
export function configured(changed: Partial<JournalConfig> = {}): JournalConfig {
  const defaults = Object.entries(JournalConfig.properties).map(([name, schema]) => [name, (schema as { default?: unknown }).default])
  return { ...(Object.fromEntries(defaults) as JournalConfig), minFreeBytes: 0, ...changed }
}

/** A folder that goes away after the test. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'journal-'))
  folders.push(folder)
  return folder
}

/** A journal that is closed after the test. */
export async function opened(
  folder: string,
  changed: Partial<JournalConfig> = {},
  parts: Partial<JournalParts> = {},
): Promise<DiskJournal> {
  const journal = await openJournal({ path: folder, config: configured(changed), now: () => 1_795_313_700_000, ...parts })
  open.add(journal)
  return journal
}

/** A delivery with a text of its own. */
export function delivery(text: string, receivedAt = 1_795_313_700_000): Delivery {
  return { device: deviceId('rtu-0017'), source: 'mqtt', topic: 'devices/rtu-0017/readings', payload: Buffer.from(text), receivedAt }
}

export interface Everything {
  deliveries: JournalledDelivery[]
  damaged: { first: number; last: number }[]
}

/** Reads to the end, `limit` at a time. */
export async function everything(journal: Journal, limit = 1_000, after = 0): Promise<Everything> {
  const found: Everything = { deliveries: [], damaged: [] }
  for (let batch = await journal.read(after, limit); batch !== null; batch = await journal.read(after, limit)) {
    found.deliveries.push(...batch.deliveries)
    found.damaged.push(...batch.damaged)
    after = batch.cursor
  }
  return found
}

export const texts = (deliveries: readonly Delivery[]): string[] => deliveries.map((one) => Buffer.from(one.payload).toString())

/** Files of the storage engine whose name ends so, in order. */
export async function storageFiles(folder: string, ending: string): Promise<string[]> {
  const names = await readdir(path.join(folder, 'blocks'))
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => path.join(folder, 'blocks', name))
}
