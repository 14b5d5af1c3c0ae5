import { createHash, X509Certificate } from 'node:crypto'
import { takeTurns } from '../../domain/in-turn.ts'
import type {
  CertificateFault,
  CertificateOrder,
  CertificateVerdict,
  DeviceCertificate,
  DeviceCertificates,
  NewCertificate,
} from '../../domain/certificate.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { DocumentStore } from '../../store/ports/documents.ts'
import { dayMs, endOf, type Authority } from './authority.ts'
import { mintDevice, readRequest } from './mint.ts'

interface CertificateParts {
  documents: DocumentStore
  fleet: CurrentFleet
  authority: Authority
  now: () => number
}

/** What is kept of a certificate, under its serial; the certificate itself and its key are not. */
interface CertificateBody extends Omit<DeviceCertificate, 'serial'> {
  /** Hexadecimal SHA-256 of its DER. */
  fingerprint: string
}

type Kept = DeviceCertificate & Pick<CertificateBody, 'fingerprint'>

/** Certificates that open something that a device may have at a time. */
const mostOfDevice = 10
/** How long one that ended is told by its reason and stands in the list. */
const rememberedMs = 90 * dayMs

/**
 * Certificates of devices. What opens something stands in the list of what was made, by its fingerprint: a certificate of the CA that is
 * not in it opens nothing, so that revoking needs no list to be fetched. All are in memory: a login asks no store.
 */
export async function createDeviceCertificates(parts: CertificateParts): Promise<DeviceCertificates> {
  const kept = await parts.documents.list<CertificateBody>('certificate')
  return new KeptCertificates(
    parts,
    kept.map(({ key: serial, body }) => ({ serial, ...body })),
  )
}

class KeptCertificates implements DeviceCertificates {
  readonly #parts: CertificateParts
  readonly #byPrint = new Map<string, Kept>()
  readonly #byDevice = new Map<DeviceId, Kept[]>()
  readonly #listeners: ((device: DeviceId) => void)[] = []
  /** The fingerprint with which each device logged in last, until its end was told. */
  readonly #inUse = new Map<DeviceId, string>()
  /** What issues and what revokes: nothing is kept that was read before another change was. */
  readonly #inTurn = takeTurns()

  constructor(parts: CertificateParts, kept: readonly Kept[]) {
    this.#parts = parts
    for (const one of kept) this.#hold(one)
  }

  readonly judge = (der: Uint8Array): CertificateVerdict => {
    const known = this.#byPrint.get(createHash('sha256').update(der).digest('hex'))
    if (known === undefined) return { fault: this.#faultOfUnknown(der), device: null }
    const { device } = known
    const fault = faultAt(known, this.#parts.now())
    if (fault !== null) return { fault, device }
    const declared = this.#parts.fleet().devices.get(device)
    if (declared?.protocol !== 'mqtt') return { fault: 'certificate-unknown', device }
    this.#inUse.set(device, known.fingerprint)
    return { identity: { role: 'device', device, run: declared.run } }
  }

  authority(): string | null {
    return this.#parts.authority.current()?.toString() ?? null
  }

  async issue(device: DeviceId, { request, ...order }: CertificateOrder): Promise<NewCertificate | { problem: string }> {
    const asked = request === null ? null : await readRequest(request)
    return typeof asked === 'string' ? { problem: asked } : this.#inTurn(() => this.#make(device, asked, order))
  }

  of(device: DeviceId): DeviceCertificate[] {
    return [...(this.#byDevice.get(device) ?? [])].sort((a, b) => b.madeAt - a.madeAt).map(shown)
  }

  all(): DeviceCertificate[] {
    return [...this.#byDevice.keys()].sort().flatMap((device) => this.of(device))
  }

  revoke(device: DeviceId, serial?: string): Promise<number> {
    // first here: while the store works, none of them opens anything
    const ended = this.#endStanding(device, serial)
    return this.#inTurn(async () => {
      const all = [...ended, ...this.#endStanding(device, serial)]
      await this.#keep(all.map((one) => this.#byPrint.get(one.fingerprint) ?? one))
      return all.length
    })
  }

  onEnded(end: (device: DeviceId) => void): void {
    this.#listeners.push(end)
  }

  async sweep(): Promise<void> {
    for (const device of [...this.#inUse.keys()]) this.#endOfUse(device)
    const over = this.#parts.now() - rememberedMs
    for (const kept of [...this.#byPrint.values()]) {
      if (Math.min(kept.until, kept.revokedAt ?? Infinity) > over) continue
      await this.#parts.documents.remove('certificate', kept.serial)
      this.#forget(kept)
    }
  }

  async #make(
    device: DeviceId,
    request: Exclude<Awaited<ReturnType<typeof readRequest>>, string> | null,
    { days, overlapMs }: Omit<CertificateOrder, 'request'>,
  ): Promise<NewCertificate | { problem: string }> {
    const { authority, now } = this.#parts
    if (this.#standing(device).length >= mostOfDevice)
      return { problem: `device ${device} has ${mostOfDevice} certificates that are good; revoke those that it no longer uses` }
    const order = await authority.order(days)
    const signer = await authority.open()
    const { certificate: pem, key } = await mintDevice(signer, { device, request }, order)
    const fingerprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
    const made: Kept = { ...order, device, madeAt: now(), revokedAt: null, fingerprint }
    const replaced =
      overlapMs === null ? [] : this.#standing(device).map((one) => ({ ...one, until: Math.min(one.until, made.madeAt + overlapMs) }))
    await this.#keep([...replaced, made])
    this.#endOfUse(device)
    return { certificate: shown(made), pem, key, authority: signer.certificate }
  }

  /** Ends, in memory, those that stand, or the one; gives them back. */
  #endStanding(device: DeviceId, serial: string | undefined): Kept[] {
    const revokedAt = this.#parts.now()
    const ended = this.#standing(device).filter((one) => serial === undefined || one.serial === serial)
    for (const one of ended) this.#hold({ ...one, revokedAt })
    this.#endOfUse(device)
    return ended
  }

  /** Tells of the device when the certificate of its last login is over. */
  #endOfUse(device: DeviceId): void {
    const used = this.#byPrint.get(this.#inUse.get(device) ?? '')
    if (used === undefined || faultAt(used, this.#parts.now()) === null) return
    this.#inUse.delete(device)
    for (const listener of this.#listeners) listener(device)
  }

  #standing(device: DeviceId): Kept[] {
    return (this.#byDevice.get(device) ?? []).filter((one) => faultAt(one, this.#parts.now()) === null)
  }

  /** One that is not in the list: of another CA, or of ours and forgotten. */
  #faultOfUnknown(der: Uint8Array): CertificateFault {
    const authority = this.#parts.authority.current()
    const given = readable(der)
    if (authority === null || given === null || !given.verify(authority.publicKey)) return 'certificate-foreign'
    return endOf(given) <= this.#parts.now() ? 'certificate-expired' : 'certificate-unknown'
  }

  async #keep(certificates: readonly Kept[]): Promise<void> {
    const updatedAt = this.#parts.now()
    const documents = certificates.map(({ serial, ...body }) => ({ key: serial, body: body satisfies CertificateBody, updatedAt }))
    await this.#parts.documents.putAll('certificate', documents)
    // what was revoked while the store worked stays revoked; its own write is next
    for (const one of certificates)
      this.#hold({ ...one, revokedAt: one.revokedAt ?? this.#byPrint.get(one.fingerprint)?.revokedAt ?? null })
  }

  #hold(one: Kept): void {
    const others = (this.#byDevice.get(one.device) ?? []).filter(({ serial }) => serial !== one.serial)
    this.#byDevice.set(one.device, [...others, one])
    this.#byPrint.set(one.fingerprint, one)
  }

  #forget({ device, serial, fingerprint }: Kept): void {
    const others = (this.#byDevice.get(device) ?? []).filter((one) => one.serial !== serial)
    if (others.length === 0) this.#byDevice.delete(device)
    else this.#byDevice.set(device, others)
    this.#byPrint.delete(fingerprint)
  }
}

function faultAt({ from, until, revokedAt }: DeviceCertificate, now: number): CertificateFault | null {
  if (revokedAt !== null) return 'certificate-revoked'
  if (now >= until) return 'certificate-expired'
  return now < from ? 'certificate-early' : null
}

function readable(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}

const shown = ({ serial, device, madeAt, from, until, revokedAt }: Kept): DeviceCertificate => ({
  serial,
  device,
  madeAt,
  from,
  until,
  revokedAt,
})
