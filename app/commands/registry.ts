import type { Command } from 'commander'
import { addBackup } from './backup.ts'
import { addAudit } from './audit.ts'
import { addConfig } from './config.ts'
import { addDevices } from './devices.ts'
import { addDiff } from './diff.ts'
import { addDoctor } from './doctor.ts'
import { addGrafana } from './grafana.ts'
import { addKeys } from './keys.ts'
import { addOpenapi } from './openapi.ts'
import { addQuarantine } from './quarantine.ts'
import { addReplay } from './replay.ts'
import { addScore } from './score.ts'
import { addServe } from './serve.ts'
import { addSimulate } from './simulate.ts'
import { addUsers } from './users.ts'
import { addCapture } from './capture.ts'
import { addLoad } from './load.ts'

/** Each command adds itself to the program; one file a command. */
export const commands: readonly ((program: Command) => void)[] = [
  addServe,
  addSimulate,
  addReplay,
  addScore,
  addDiff,
  addCapture,
  addLoad,
  addBackup,
  addConfig,
  addDevices,
  addUsers,
  addKeys,
  addAudit,
  addQuarantine,
  addOpenapi,
  addGrafana,
  addDoctor,
]
