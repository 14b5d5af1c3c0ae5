import path from 'node:path'
import type { Logger } from 'pino'
import { createClaims, type Claims } from '../../api/claims.ts'
import { createKeys, type Keys } from '../../api/keys.ts'
import type { DeviceDesk } from '../../api/parts.ts'
import { createPasswordLines } from '../../api/passwords.ts'
import { createPeople, type People } from '../../api/people.ts'
import type { Audit } from '../../domain/audit.ts'
import type { DeviceCertificates } from '../../domain/certificate.ts'
import type { DeviceCredentials } from '../../domain/identity.ts'
import type { Store } from '../../store/ports/store.ts'
import { openAudit } from '../audit.ts'
import { openAuthority, type Authority } from '../certificates/authority.ts'
import { createDeviceCertificates } from '../certificates/device-certificates.ts'
import type { World } from '../clock.ts'
import { createCredentials } from '../credentials.ts'
import { createDeviceDesk } from '../device-desk.ts'
import type { Networks } from '../networks.ts'
import { every } from './every.ts'
import type { Life } from './life.ts'

/** Who may come in: devices, people and programs; and what they did. */
export interface Logins {
  credentials: DeviceCredentials
  authority: Authority
  certificates: DeviceCertificates
  deviceDesk: DeviceDesk
  claims: Claims
  people: People
  keys: Keys
  audit: Audit
}

interface LoginParts {
  /** The data folder. */
  data: string
  store: Store
  networks: Networks
  world: World
  life: Life
  log: Logger
}

/** Secrets, certificates and keys that ran out end within so many ms. */
const sweepEveryMs = 5_000

export async function openLogins({ data, store: { documents }, networks, world, life, log }: LoginParts): Promise<Logins> {
  const { randomBytes, now } = world
  const { fleet } = networks
  const audit = await openAudit({ documents, world, onTrouble: (err) => log.warn({ err }, 'keeping the audit log; it is kept later') })
  life.onStop('audit', () => audit.close())
  const passwordLine = createPasswordLines(randomBytes)
  const credentials = await createCredentials({ documents, fleet, passwordLine, randomBytes, now })
  const authority = openAuthority({ file: path.join(data, 'certificates', 'authority.pem'), randomBytes, now })
  const certificates = await createDeviceCertificates({ documents, fleet, authority, now })
  const keys = createKeys({ documents, randomBytes, now })
  const sweep = (): Promise<unknown> =>
    Promise.all([credentials.sweep(), certificates.sweep(), keys.sweep()]).catch((err: unknown) =>
      log.warn({ err }, 'keeping what became of secrets, certificates and keys'),
    )
  life.onStop('credentials', every(sweepEveryMs, sweep, world))
  const harden = (): Promise<unknown> => credentials.harden().catch((err: unknown) => log.warn({ err }, 'keeping passwords as scrypt'))
  life.onStop('passwords', every(sweepEveryMs, harden, world))
  return {
    ...{ credentials, authority, certificates },
    deviceDesk: createDeviceDesk({ networks, credentials, certificates }),
    claims: createClaims({ credentials, fleet, randomBytes, now }),
    people: createPeople({ documents, passwordLine, randomBytes, now }),
    keys,
    audit,
  }
}
