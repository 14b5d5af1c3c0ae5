import { fork } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunDesk } from '../../api/parts.ts'
import { parseDuration } from '../../domain/time.ts'
import type { ProcessServer } from '../simulator/channel.ts'
import { markInterrupted, Simulator } from '../simulator/desk.ts'
import { openRecords } from '../simulator/records.ts'
import { scenarioNames, scenarioOf } from '../simulator/scenarios.ts'
import type { Foundation } from './foundation.ts'

/** Built beside the one that runs. */
const program = fileURLToPath(new URL('./simulation.js', import.meta.url))

/** The simulator of this server. `server` is asked when a simulation starts; what runs ends with the server. */
export async function openSimulator(
  { settings, networks, world, log }: Foundation,
  runs: RunDesk,
  server: () => ProcessServer,
): Promise<Simulator> {
  const onTrouble = (doing: string, err: unknown): void => log.error({ err }, doing)
  const records = openRecords(path.join(settings.server.data, 'truth'), onTrouble)
  await markInterrupted(records, world.now())
  return new Simulator({
    scenarios: () => scenarioNames().map(scenarioOf),
    ...{ records, runs, server, onTrouble },
    fork: () => fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    networks: () => networks.fleet().networks,
    graceMs: parseDuration(settings.analytics.jobGrace) ?? 0,
    now: world.now,
  })
}
