import type { ApiClient } from './client.ts'
import { CommandError } from '../errors.ts'

/**
 * Sees that a run begins with nothing of an earlier one of its name: the readings of both would be added up and scored as one. Removes that
 * with `again`; throws CommandError (exit 2) without it.
 */
export async function freeRun(client: ApiClient, run: string, again: boolean): Promise<void> {
  const { runs } = await client.get<{ runs: readonly { run: string }[] }>('/api/v1/runs')
  if (!runs.some((one) => one.run === run)) return
  if (again) return client.send('DELETE', `/api/v1/runs/${run}`)
  const how = '--run gives this one another name, --again removes it first (for the same start only: the clock of a name goes on)'
  throw new CommandError('config-invalid', `beginning ${run}: the server has a run of that name with readings of its own; ${how}`, 2)
}
