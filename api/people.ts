import type { DocumentStore } from '../store/ports/documents.ts'
import { ApiProblem } from './errors.ts'
import { takeTurns, type InTurn } from '../domain/in-turn.ts'
import { oneTimeCode } from './one-time-code.ts'
import type { KeptPassword, PasswordLines } from './passwords.ts'

/** Each may what those before it may; `permissions` says what. */
export const roles = ['viewer', 'officer', 'engineer', 'administrator'] as const
export type Role = (typeof roles)[number]

export interface Person {
  name: string
  role: Role
  /** The password was made by us and shown once; nothing but changing it (and what needs no login) is open. */
  mustChangePassword: boolean
  /** Grows with each new password; sessions of an earlier one are over. */
  passwordVersion: number
}

interface PersonBody extends KeptPassword {
  role: Role
  mustChangePassword: boolean
  passwordVersion: number
}

interface PeopleParts {
  documents: DocumentStore
  passwordLine: PasswordLines
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/** People and their passwords, kept as scrypt. */
export interface People {
  /** Makes `admin` with a one-time password when there is nobody yet; null ever after. */
  firstStart(): Promise<{ user: string; password: string } | null>
  /** False until an administrator has a password of their own: until then the server may listen on loopback only. */
  passwordSet(): Promise<boolean>
  /** The person when user and password fit. Unknown users cost the same time. Rejects with too-many when too many wait. */
  check(user: string, password: string): Promise<Person | null>
  person(name: string): Promise<Person | null>
  /** Rejects with login-refused when `current` is wrong, and with invalid-request when `next` will not do. */
  changePassword(name: string, current: string, next: string): Promise<void>
  /** Sets a password without asking for the one before; false when there is no such person. Rejects with invalid-request when it will not do. */
  setPassword(name: string, next: string): Promise<boolean>
  /** A new one-time password for somebody; null when there is no such person. */
  reset(name: string): Promise<{ user: string; password: string } | null>
  list(): Promise<Person[]>
  /** Adds somebody with a one-time password. Rejects with conflict when the name is taken, or 1,000 people are there. */
  add(name: string, role: Role): Promise<{ user: string; password: string }>
  /** Null when there is no such person. Rejects with conflict for the last administrator. */
  setRole(name: string, role: Role): Promise<Person | null>
  /** False when there is no such person. Rejects with conflict for the last administrator. */
  remove(name: string): Promise<boolean>
  /** Calls back after a password was set or somebody was taken away: sessions may have ended by it. */
  onEnded(ended: () => void): void
}

const waitingAtMost = 32
const mostPeople = 1_000

export function createPeople({ documents, passwordLine, randomBytes, now }: PeopleParts): People {
  const passwords = passwordLine(waitingAtMost)
  const listeners: (() => void)[] = []
  const told = (): void => {
    for (const listener of listeners) listener()
  }
  // changes of people: two at once do not take the last two administrators away, and a new password does not bring an old role back
  const inTurn = takeTurns()
  const read = async (name: string): Promise<PersonBody | null> => (await documents.get<PersonBody>('user', name))?.body ?? null

  const keep = async (name: string, password: string, role: Role, mustChangePassword: boolean): Promise<void> => {
    const kept = await passwords.keep(password.normalize('NFKC'))
    const passwordVersion = ((await read(name))?.passwordVersion ?? 0) + 1
    await documents.put('user', name, { role, mustChangePassword, passwordVersion, ...kept } satisfies PersonBody, now())
    told()
  }
  const fits = (body: PersonBody | null, password: string): Promise<boolean> => passwords.fits(password.normalize('NFKC'), body)
  const onceFor = async (name: string, role: Role): Promise<{ user: string; password: string }> => {
    const password = oneTimeCode(randomBytes, 5)
    await keep(name, password, role, true)
    return { user: name, password }
  }

  return {
    firstStart: async () => ((await documents.list('user', { limit: 1 })).length > 0 ? null : onceFor('admin', 'administrator')),
    async passwordSet() {
      const all = await documents.list<PersonBody>('user')
      return all.some(({ body }) => body.role === 'administrator' && !body.mustChangePassword)
    },
    async check(user, password) {
      const body = await read(user)
      return (await fits(body, password)) && body ? personOf(user, body) : null
    },
    async person(name) {
      const body = await read(name)
      return body && personOf(name, body)
    },
    changePassword: (name, current, next) =>
      inTurn(async () => {
        const body = await read(name)
        if (!(await fits(body, current)) || !body) throw new ApiProblem('login-refused', 'The current password is not right.')
        refuseUnfit(name, current, next)
        await keep(name, next, body.role, false)
      }),
    setPassword: (name, next) =>
      inTurn(async () => {
        const body = await read(name)
        refuseUnfit(name, null, next)
        if (body) await keep(name, next, body.role, false)
        return body !== null
      }),
    onEnded: (ended) => void listeners.push(ended),
    ...createStaff({ documents, now, inTurn, onceFor, told }),
  }
}

interface StaffParts {
  documents: DocumentStore
  now: () => number
  inTurn: InTurn
  onceFor: (name: string, role: Role) => Promise<{ user: string; password: string }>
  /** To be called when somebody was taken away. */
  told: () => void
}

/** Who there is. */
function createStaff({ documents, now, inTurn, onceFor, told }: StaffParts): Pick<People, 'reset' | 'list' | 'add' | 'setRole' | 'remove'> {
  const read = async (name: string): Promise<PersonBody | null> => (await documents.get<PersonBody>('user', name))?.body ?? null
  return {
    reset: (name) =>
      inTurn(async () => {
        const body = await read(name)
        return body && onceFor(name, body.role)
      }),
    list: async () => (await documents.list<PersonBody>('user')).map(({ key, body }) => personOf(key, body)),
    add: (name, role) =>
      inTurn(async () => {
        if (await read(name))
          throw new ApiProblem('conflict', `There is a user ${name} already; give another role with PUT, or choose another name.`)
        if ((await documents.list('user', { limit: mostPeople })).length >= mostPeople)
          throw new ApiProblem('conflict', `There are ${mostPeople} users, the most there may be.`)
        return onceFor(name, role)
      }),
    setRole: (name, role) =>
      inTurn(async () => {
        const body = await read(name)
        if (!body) return null
        if (role !== 'administrator') await mustNotBeLast(documents, name)
        await documents.put('user', name, { ...body, role } satisfies PersonBody, now())
        return personOf(name, { ...body, role })
      }),
    remove: (name) =>
      inTurn(async () => {
        await mustNotBeLast(documents, name)
        const removed = await documents.remove('user', name)
        told()
        return removed
      }),
  }
}

/** Rejects with conflict when this is the only administrator. */
async function mustNotBeLast(documents: DocumentStore, name: string): Promise<void> {
  const administrators = (await documents.list<PersonBody>('user')).filter(({ body }) => body.role === 'administrator')
  if (administrators.length === 1 && administrators[0]?.key === name)
    throw new ApiProblem('conflict', `${name} is the last administrator; make another one first.`)
}

const personOf = (name: string, { role, mustChangePassword, passwordVersion }: PersonBody): Person => ({
  name,
  role,
  mustChangePassword,
  passwordVersion,
})

function refuseUnfit(name: string, current: string | null, next: string): void {
  const problem = unfit(name, current, next)
  if (problem) throw new ApiProblem('invalid-request', problem, { places: [{ path: 'body.next', message: problem }] })
}

function unfit(name: string, current: string | null, next: string): string | null {
  if ([...next].length < 10) return 'The new password needs at least ten characters.'
  if (next.normalize('NFKC') === current?.normalize('NFKC')) return 'The new password is the current one; choose another.'
  if (next.toLowerCase().includes(name.toLowerCase())) return 'The new password contains the user name; choose another.'
  return null
}
