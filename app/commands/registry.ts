import type { Command } from 'commander'

export type AddCommand = (program: Command) => void

/** Each command adds itself to the program; one file a command, loaded when it is asked for: starting the server needs no simulator. */
export const commands: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['serve', async () => (await import('./serve.ts')).addServe],
  ['simulate', async () => (await import('./simulate.ts')).addSimulate],
  ['replay', async () => (await import('./replay.ts')).addReplay],
  ['score', async () => (await import('./score.ts')).addScore],
  ['diff', async () => (await import('./diff.ts')).addDiff],
  ['capture', async () => (await import('./capture.ts')).addCapture],
  ['load', async () => (await import('./load.ts')).addLoad],
  ['backup', async () => (await import('./backup.ts')).addBackup],
  ['config', async () => (await import('./config.ts')).addConfig],
  ['devices', async () => (await import('./devices.ts')).addDevices],
  ['users', async () => (await import('./users.ts')).addUsers],
  ['keys', async () => (await import('./keys.ts')).addKeys],
  ['audit', async () => (await import('./audit.ts')).addAudit],
  ['quarantine', async () => (await import('./quarantine.ts')).addQuarantine],
  ['openapi', async () => (await import('./openapi.ts')).addOpenapi],
  ['grafana', async () => (await import('./grafana.ts')).addGrafana],
  ['doctor', async () => (await import('./doctor.ts')).addDoctor],
])
