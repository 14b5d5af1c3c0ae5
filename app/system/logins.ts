import type { Logger } from 'pino'
import { createClaims, type Claims } from '../../api/claims.ts'
import { createKeys, type Keys } from '../../api/keys.ts'
import type { DeviceDesk } from '../../api/parts.ts'
import { createPeople, type People } from '../../api/people.ts'
import type { Audit } from '../../domain/audit.ts'
import type { DeviceCredentials } from '../../domain/identity.ts'
import type { Store } from '../../store/ports/store.ts'
import { openAudit } from '../audit.ts'
import type { World } from '../clock.ts'
import { createCredentials } from '../credentials.ts'
import { createDeviceDesk } from '../device-desk.ts'
import type { Networks } from '../networks.ts'
import type { Life } from './life.ts'

/** Who may come in: devices, people and programs; and what they did. */
export interface Logins {
  credentials: DeviceCredentials
  deviceDesk: DeviceDesk
  claims: Claims
  people: People
  keys: Keys
  audit: Audit
}

interface LoginParts {
  store: Store
  networks: Networks
  world: World
  life: Life
  log: Logger
}

export async function openLogins({ store: { documents }, networks, world, life, log }: LoginParts): Promise<Logins> {
  const { randomBytes, now } = world
  const { fleet } = networks
  const audit = await openAudit({ documents, world, onTrouble: (err) => log.warn({ err }, 'keeping the audit log; it is kept later') })
  life.onStop('audit', () => audit.close())
  const credentials = await createCredentials({ documents, fleet, randomBytes, now })
  life.onStop('credentials', sweepSecrets(credentials, world, log))
  return {
    credentials,
    deviceDesk: createDeviceDesk({ networks, credentials }),
    claims: createClaims({ credentials, fleet, randomBytes, now }),
    people: createPeople({ documents, randomBytes, now }),
    keys: createKeys({ documents, randomBytes, now }),
    audit,
  }
}

const sweepEveryMs = 5_000

/** Ends secrets that ran out, every 5 s; returns the function that stops it, after a last time. */
function sweepSecrets(credentials: DeviceCredentials, { timers }: World, log: Logger): () => Promise<void> {
  const sweep = (): Promise<void> => credentials.sweep().catch((err: unknown) => log.warn({ err }, 'keeping what became of device secrets'))
  let stopped = false
  let timer = timers.setTimeout(again, sweepEveryMs)
  function again(): void {
    void sweep().then(() => stopped || (timer = timers.setTimeout(again, sweepEveryMs)))
  }
  return () => {
    stopped = true
    timers.clearTimeout(timer)
    return sweep()
  }
}
