import type { RunList } from '../api/schemas/run.ts'
import type { ApiClient } from './commands/client.ts'
import { CommandError } from './errors.ts'

/** The name, or with a number behind it the first that nothing has. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let nth = 1; ; nth += 1) {
    const name = nth === 1 ? wanted : `${wanted}-${nth}`
    if (!isTaken(name)) return name
  }
}

/**
 * The name under which a run begins: readings of two would be added up and scored as one, and the server knows the clock and the warnings
 * of a removed one, so a name is used once. One that is there is removed with `again`; without it that is a CommandError (exit 2). Behind a name
 * that was used a number is put, and `tell` hears of it.
 */
export async function nameOfRun(
  client: Pick<ApiClient, 'get' | 'send'>,
  wanted: string,
  { again = false, tell }: { again?: boolean; tell: (line: string) => void },
): Promise<string> {
  const { runs, removed } = await client.get<RunList>('/api/v1/runs')
  const there = runs.map((one) => one.run)
  if (there.includes(wanted)) {
    const how = '--run gives this one another name, --again removes the earlier one first'
    const what = `beginning ${wanted}: the server has a run of that name with readings of its own; ${how}`
    if (!again) throw new CommandError('config-invalid', what, 2)
    await client.send('DELETE', `/api/v1/runs/${wanted}`)
  }
  const used = new Set([...there, ...removed])
  const name = freeName(wanted, (one) => used.has(one))
  if (name !== wanted) tell(`a run ${wanted} was here before, and a name is used once: this one is ${name}`)
  return name
}
