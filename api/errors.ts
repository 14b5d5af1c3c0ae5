import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

interface ProblemEntry extends ErrorEntry {
  /** HTTP status it is answered with. */
  status: number
  title: string
}

/** Every problem the api answers with; `code` is the last part of a problem document's type. */
export const apiErrors = [
  {
    code: 'invalid-request',
    status: 400,
    title: 'The request is not understood',
    meaning: 'A parameter or the body of a request is wrong. The answer lists each place and how to mend it.',
  },
  {
    code: 'login-needed',
    status: 401,
    title: 'Log in first',
    meaning: 'The request needs a login: POST /api/v1/session, or a Bearer token. Without one, this machine may read simulated data only.',
  },
  {
    code: 'login-refused',
    status: 401,
    title: 'The login was refused',
    meaning: 'User and password, device and secret, or token do not fit. A lost password is made anew with `gaugekeeper users reset`.',
  },
  {
    code: 'not-allowed',
    status: 403,
    title: 'Not allowed',
    meaning: 'The login is good, but its role may not do this; or the one-time password has to be changed first.',
  },
  {
    code: 'claim-refused',
    status: 403,
    title: 'The claim was refused',
    meaning:
      'No open claim window has that code for that device: it is over, was used by this device, or the device has a secret already. Open one with `gaugekeeper devices claim`.',
  },
  {
    code: 'declared-in-file',
    status: 409,
    title: 'A file declares it',
    meaning: 'A network file declares the device; the answer names it. Change it there: what a file says wins.',
  },
  {
    code: 'foreign-origin',
    status: 403,
    title: 'The request comes from another site',
    meaning: 'A browser sent the request on behalf of a page of another origin. Open the console at its own address.',
  },
  {
    code: 'not-found',
    status: 404,
    title: 'There is no such thing',
    meaning: 'Nothing has that id or address. The answer names the nearest one.',
  },
  {
    code: 'method-not-allowed',
    status: 405,
    title: 'The address does not take this method',
    meaning: 'The address is right and the method is not. The answer lists those it takes.',
  },
  {
    code: 'conflict',
    status: 409,
    title: 'It is already there, and different',
    meaning: 'Something of that name exists and is not what was sent. Remove it first, or choose another name.',
  },
  { code: 'too-large', status: 413, title: 'The body is too large', meaning: 'A body is larger than its limit. Send it in smaller parts.' },
  {
    code: 'media-type',
    status: 415,
    title: 'The body is not JSON',
    meaning: 'Bodies are JSON, sent as Content-Type application/json and without Content-Encoding.',
  },
  {
    code: 'wrong-host',
    status: 421,
    title: 'The name in the address is not ours',
    meaning: 'While bound to loopback, the server answers to localhost only. Names of a proxy are listed in api.hosts.',
  },
  {
    code: 'network-not-valid',
    status: 422,
    title: 'The network is not valid',
    meaning: 'The content does not describe a network. The answer lists each place and how to mend it.',
  },
  {
    code: 'too-many',
    status: 429,
    title: 'Too many requests',
    meaning:
      'More requests came than are allowed in a minute, or wrong passwords faster than they are looked at. Retry-After says when to come back.',
  },
  {
    code: 'internal',
    status: 500,
    title: 'Something went wrong here',
    meaning: 'A fault of the server; it is in its log. Nothing that was acknowledged is lost.',
  },
  {
    code: 'unavailable',
    status: 503,
    title: 'Not possible for now',
    meaning: 'A part that the request needs is away or full. The same request may be sent again after Retry-After.',
  },
] as const satisfies readonly ProblemEntry[]

export type ProblemCode = (typeof apiErrors)[number]['code']

const entries: ReadonlyMap<string, ProblemEntry> = new Map(apiErrors.map((entry) => [entry.code, entry]))

/** Status and title of a code. */
export function problemEntry(code: ProblemCode): ProblemEntry {
  const entry = entries.get(code)
  if (!entry) throw new GaugekeeperError('internal', `looking up the problem ${code}`)
  return entry
}

export interface ProblemPlace {
  path: string
  message: string
}

/** An answer other than the one asked for. `message` is for the caller: what was wrong and what to do. */
export class ApiProblem extends GaugekeeperError {
  readonly places: readonly ProblemPlace[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    detail: string,
    more: { places?: readonly ProblemPlace[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(code, detail, { cause: more.cause })
    this.places = more.places ?? []
    this.headers = more.headers ?? {}
  }
}

/** A login that was given and is wrong. It is answered at the pace of its address (wrong-logins.ts), and then its connection ends. */
export class LoginRefused extends ApiProblem {
  /** @param who whose login it was meant to be; empty where that may be a secret */
  constructor(
    readonly who: string,
    detail: string,
    headers: Record<string, string> = {},
  ) {
    super('login-refused', detail, { headers: { connection: 'close', ...headers } })
  }
}
