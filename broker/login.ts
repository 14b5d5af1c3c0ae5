import type { CertificateFault, JudgeCertificate } from '../domain/certificate.ts'
import type { Identify, Identity } from '../domain/identity.ts'
import type { ClientCertificate } from './tls.ts'

type LoginRefusal =
  'login-missing' | 'login-refused' | 'login-unavailable' | 'certificate-missing' | 'certificate-of-another' | CertificateFault
export type LoginOutcome =
  { identity: Identity; refusal?: undefined } | { identity?: undefined; refusal: LoginRefusal; name?: string; cause?: unknown }

/** What came with a connection that asks for certificates. */
export interface Proof {
  /** DER, of which the peer holds the key; null = it showed none. */
  certificate: Uint8Array | null
  asked: ClientCertificate
  judge: JudgeCertificate
}

interface Attempt {
  name: string
  secret: Uint8Array
}

/** Secrets are 22 characters; names have no reason to be longer than this. */
const longest = 512

/** Checks a CONNECT: its certificate, else its secret, which lets in programs alone where devices need a certificate. */
export async function checkConnect(
  { identify, proof }: { identify: Identify; proof: Proof | null },
  username: string | undefined,
  password: Uint8Array | undefined,
): Promise<LoginOutcome> {
  const certified = proof && checkCertificate(proof, username)
  if (certified) return certified
  const outcome = await checkLogin(identify, username, password)
  if (proof?.asked !== 'devices') return outcome
  if (outcome.identity?.role === 'device') return { refusal: 'certificate-missing', name: outcome.identity.device }
  return outcome.refusal === 'login-missing' ? { refusal: 'certificate-missing' } : outcome
}

/**
 * Checks a CONNECT's user name and password against the logins. Three ways are known: name and secret; `name:secret` as the user name
 * alone; the secret alone as the user name (ThingsBoard's access token). An empty password counts as none.
 */
async function checkLogin(identify: Identify, username: string | undefined, password: Uint8Array | undefined): Promise<LoginOutcome> {
  if (username === undefined || username === '') return { refusal: 'login-missing' }
  const secretBytes = password?.length ?? 0
  if (username.length > longest || secretBytes > longest || username.includes('\0')) return { refusal: 'login-refused' }
  try {
    for (const { name, secret } of attempts(username, password)) {
      const identity = await identify(name, secret)
      if (identity !== null) return { identity }
    }
    return { refusal: 'login-refused' }
  } catch (cause) {
    return { refusal: 'login-unavailable', cause }
  }
}

/**
 * Checks the certificate of a CONNECT, which stands for name and secret: the user name may be left out and the password is not looked at.
 * Null when there is none and none is needed: then the secret decides. One that is not good is not mended by a secret.
 */
function checkCertificate({ certificate, asked, judge }: Proof, username = ''): LoginOutcome | null {
  if (certificate === null) return asked === 'required' ? { refusal: 'certificate-missing' } : null
  const verdict = judge(certificate)
  if (verdict.fault !== undefined) return { refusal: verdict.fault, name: verdict.device ?? '' }
  const { identity } = verdict
  return username === '' || username === identity.device ? { identity } : { refusal: 'certificate-of-another', name: identity.device }
}

function attempts(username: string, password: Uint8Array | undefined): Attempt[] {
  if (password !== undefined && password.length > 0) return [{ name: username, secret: password }]
  const token: Attempt = { name: '', secret: Buffer.from(username) }
  const colon = username.indexOf(':')
  if (colon < 1) return [token]
  return [{ name: username.slice(0, colon), secret: Buffer.from(username.slice(colon + 1)) }, token]
}
