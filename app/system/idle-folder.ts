import { cp } from 'node:fs/promises'
import path from 'node:path'
import { createPasswordLines } from '../../api/passwords.ts'
import { createPeople, type People } from '../../api/people.ts'
import type { Audit } from '../../domain/audit.ts'
import { openAudit } from '../audit.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { firstPassword, forgetWhenChanged } from './first-start.ts'
import { openKept, type Kept } from './kept.ts'
import { createLife } from './life.ts'

/** A data folder that no server has open, for a command that looks at it or changes who may come in. */
export interface IdleFolder extends Kept {
  people: People
  audit: Audit
  /** Copies what the broker keeps for devices that are away. */
  copySessions(folder: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the folder and nothing else: nobody is let in, nothing is carried, judged or told, for that takes the networks and settings of its
 * server, which a command need not have. Rejects while a server, or another command, has it open.
 */
export async function openIdleFolder(settings: Settings, world: World): Promise<IdleFolder> {
  const { data } = settings.server
  const onTrouble = (error: unknown): void =>
    void process.stderr.write(`gaugekeeper: ${error instanceof Error ? error.message : String(error)}\n`)
  const life = createLife((_part, error) => onTrouble(error))
  try {
    const kept = await openKept(settings, world, life, onTrouble)
    const { documents } = kept.store
    const audit = await openAudit({ documents, world, onTrouble })
    life.onStop('audit', () => audit.close())
    const { randomBytes, now } = world
    const people = createPeople({ documents, passwordLine: createPasswordLines(randomBytes), randomBytes, now })
    await firstPassword(people, data, false)
    await forgetWhenChanged(people, data)
    return { ...kept, people, audit, copySessions: (folder) => copied(path.join(data, 'sessions'), folder), close: () => life.stop() }
  } catch (error) {
    await life.stop()
    throw error
  }
}

/** A folder that is there or not. */
async function copied(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
