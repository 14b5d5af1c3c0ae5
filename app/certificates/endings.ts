import type { Problem } from '../../api/parts.ts'
import type { DeviceCertificate } from '../../domain/certificate.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import { dayMs, endOf, type Authority } from './authority.ts'
import type { ServerCertificate } from './server-certificate.ts'

export interface EndingParts {
  authority: Pick<Authority, 'current'>
  server: Pick<ServerCertificate, 'until'> | null
  certificates: { all(): DeviceCertificate[] }
  fleet: CurrentFleet
}

/** A certificate that somebody waits for. */
export interface Ending {
  certificate: 'authority' | 'server' | 'device'
  /** The device; empty for the others. */
  name: string
  /** Epoch ms. */
  until: number
}

/** When the CA, the certificate of the server and the last one of each device end; what was revoked is not waited for. */
export function createEndings({ authority, server, certificates, fleet }: EndingParts): () => Ending[] {
  return () => {
    const last = new Map<DeviceId, number>()
    for (const { device, until, revokedAt } of certificates.all())
      if (revokedAt === null && fleet().devices.has(device)) last.set(device, Math.max(until, last.get(device) ?? 0))
    const ca = authority.current()
    return [
      ...(ca === null ? [] : [{ certificate: 'authority' as const, name: '', until: endOf(ca) }]),
      ...(server === null ? [] : [{ certificate: 'server' as const, name: '', until: server.until() }]),
      ...[...last].map(([name, until]) => ({ certificate: 'device' as const, name, until })),
    ]
  }
}

const soonMs = 30 * dayMs
const devicesNamed = 5

/** What is over, or ends within 30 days. */
export function endingProblems(endings: readonly Ending[], now: number): Problem[] {
  const soon = endings.filter(({ until }) => until - now < soonMs).sort((a, b) => a.until - b.until)
  const found = soon.flatMap(({ certificate, until }): Problem[] => {
    if (certificate === 'device') return []
    const { what, todo } = words[certificate]
    const severity = until <= now ? 'failure' : 'attention'
    return [
      { name: `certificate-${certificate}`, severity, what: `${what} ${until <= now ? 'is over since' : 'ends'} ${dateOf(until)}`, todo },
    ]
  })
  const devices = soon.filter(({ certificate }) => certificate === 'device')
  if (devices.length === 0) return found
  const named = devices.slice(0, devicesNamed).map(({ name, until }) => `${name} (${dateOf(until)})`)
  const what = `the certificates of ${devices.length} devices end within 30 days or are over: ${named.join(', ')}${devices.length > devicesNamed ? ' …' : ''}`
  return [...found, { name: 'certificate-device', severity: 'attention', what, todo: 'gaugekeeper devices certificate renew DEVICE' }]
}

const words = {
  authority: { what: 'the device CA', todo: 'make a new one: docs/security.md, certificates' },
  server: {
    what: 'the certificate of the TLS listeners',
    todo: 'put a new one in the files tls.certificate and tls.key; one of our own is renewed by itself, see the log',
  },
} as const

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
