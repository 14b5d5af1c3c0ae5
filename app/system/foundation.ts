import path from 'node:path'
import type { Logger } from 'pino'
import { createPublishRates, type PublishRate } from '../../broker/publish-rate.ts'
import { createLiveHub, type LiveHub } from '../../domain/events.ts'
import { createLoginPace, type LoginPace } from '../../domain/login-pace.ts'
import type { Authority } from '../certificates/authority.ts'
import { openServerCertificate, type ServerCertificate } from '../certificates/server-certificate.ts'
import type { World } from '../clock.ts'
import type { GuardedClock } from '../guarded-clock.ts'
import type { Settings } from '../config/all.ts'
import { ConfigInvalid } from '../errors.ts'
import type { Life } from './life.ts'
import { openKept, type Kept } from './kept.ts'
import { openLogins, type Logins } from './logins.ts'

/** What lasts: opened first, closed last. */
export interface Foundation extends Kept, Logins {
  settings: Settings
  /** Its clock is ours, `clock`. */
  world: World
  clock: GuardedClock
  life: Life
  log: Logger
  live: LiveHub
  /** How fast wrong logins are answered, at the doors of MQTT and HTTP together. */
  pace: LoginPace
  /** How fast each device may send, through both. */
  rateOf: (device: string) => PublishRate
  /** Null when nothing listens for TLS. */
  serverCertificate: ServerCertificate | null
}

/** Opens store, networks, journal and logins of a data folder. */
export async function openFoundation(
  settings: Settings,
  world: World,
  { clock, life, log }: Pick<Foundation, 'clock' | 'life' | 'log'>,
): Promise<Foundation> {
  const { store, networks, journal, changes } = await openKept(settings, world, life, (text) => log.warn(text))
  const logins = await openLogins({ data: settings.server.data, store, networks, world, life, log })
  const serverCertificate = settings.tls.enabled ? await certificateOf(settings, logins.authority, world.now) : null
  const pace = createLoginPace({ now: world.now, wrongLogins: settings.broker.wrongLogins })
  const rateOf = createPublishRates(world.now, settings.broker)
  const live = createLiveHub()
  return { settings, world, clock, life, log, store, networks, journal, changes, ...logins, live, pace, rateOf, serverCertificate }
}

async function certificateOf({ server, tls }: Settings, authority: Authority, now: () => number): Promise<ServerCertificate> {
  const { certificate, key } = tls
  try {
    return await openServerCertificate({
      authority,
      file: path.join(server.data, 'certificates', 'server.pem'),
      names: [...tls.names, 'localhost', '127.0.0.1', '::1'],
      given: certificate === '' && key === '' ? null : { certificate, key },
      now,
    })
  } catch (cause) {
    throw new ConfigInvalid([`tls.certificate, tls.key: ${cause instanceof Error ? cause.message : String(cause)}`])
  }
}
