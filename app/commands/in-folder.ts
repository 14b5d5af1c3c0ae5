import { realWorld } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { isDataFolder } from '../data-folder.ts'
import { CommandError } from '../errors.ts'
import { readServerFile } from '../server-file.ts'
import { openIdleFolder, type IdleFolder } from '../system/idle-folder.ts'
import { clientOf, type ApiClient } from './client.ts'

/** How a command does its work: by asking the server that has the folder open, or in the folder itself when none runs. */
interface Ways<Result> {
  asked: (client: ApiClient) => Promise<Result>
  alone: (folder: IdleFolder) => Promise<Result>
}

/** Does it one way or the other. */
export async function inFolder<Result>(settings: Settings, { asked, alone }: Ways<Result>): Promise<Result> {
  const running = readServerFile(settings.server.data)
  if (running !== null) return asked(clientOf(running))
  const folder = await openIdleFolder(settings, realWorld)
  try {
    return await alone(folder)
  } finally {
    await folder.close()
  }
}

/** A data folder that is not there is a slip of who only wants to read it (CommandError, exit 2), not one to be made. */
export function mustBeDataFolder(data: string): void {
  if (isDataFolder(data)) return
  throw new CommandError('config-invalid', `reading ${data}: no data folder of Gaugekeeper is there; look at how it is written`, 2)
}
