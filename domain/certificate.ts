import type { DeviceId } from './ids.ts'
import type { Identity } from './identity.ts'

/** Why a certificate opens nothing: reasons of docs/refusals.md. */
export type CertificateFault =
  'certificate-foreign' | 'certificate-unknown' | 'certificate-early' | 'certificate-expired' | 'certificate-revoked'

/** What a certificate is worth; `device` is whose it is, where that is known. */
export type CertificateVerdict = { identity: Identity; fault?: undefined } | { fault: CertificateFault; device: DeviceId | null }

/** Judges the certificate (DER) of a peer that has proved to hold its key. Only what the device CA made and still stands is good. */
export type JudgeCertificate = (der: Uint8Array) => CertificateVerdict

/** A certificate of a device; times in epoch ms. */
export interface DeviceCertificate {
  /** Hexadecimal, upper case; its name. */
  serial: string
  device: DeviceId
  madeAt: number
  /** When it opens something: from `from` (inclusive) to `until` (exclusive): its own end, or that of the overlap when it was replaced. */
  from: number
  until: number
  revokedAt: number | null
}

/** A new certificate, in PEM. The key is shown this once; null when the device made it itself. */
export interface NewCertificate {
  certificate: DeviceCertificate
  pem: string
  key: string | null
  /** That of the device CA, for the device to know the server by. */
  authority: string
}

export interface CertificateOrder {
  /** How long it is good; never beyond the CA. */
  days: number
  /** A signing request (PKCS #10, PEM): the key stays with the device. Null = a key is made. */
  request: string | null
  /** How much later those before end; null = they stay. */
  overlapMs: number | null
}

/** Makes certificates for devices and ends them. */
export interface DeviceCertificates {
  judge: JudgeCertificate
  /** The device CA's certificate, PEM; null until something asked for it to be made. */
  authority(): string | null
  /** The problem is one sentence: the request is wrong, or the device has as many as it may. */
  issue(device: DeviceId, order: CertificateOrder): Promise<NewCertificate | { problem: string }>
  /** Those of a device that are kept, newest first. */
  of(device: DeviceId): DeviceCertificate[]
  /** All that are kept, in the order of their devices. */
  all(): DeviceCertificate[]
  /** Ends one certificate of a device, or all; returns how many. What was logged in with it is told to `onEnded`. */
  revoke(device: DeviceId, serial?: string): Promise<number>
  /** Calls back for each device that is logged in with a certificate that ended. */
  onEnded(end: (device: DeviceId) => void): void
  /** To be called every few seconds: tells of those that ran out, and forgets those that ended long ago. */
  sweep(): Promise<void>
}

/** Whether a certificate opens something at a moment, epoch ms. */
export const isGoodAt =
  (at: number) =>
  ({ from, until, revokedAt }: DeviceCertificate): boolean =>
    revokedAt === null && from <= at && at < until
