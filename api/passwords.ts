import { scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { ApiProblem } from './errors.ts'

/** What is kept of a password: its scrypt (RFC 7914) with N = 2^cost, r = 8, p = 1; salt and key in hex. */
export interface KeptPassword {
  salt: string
  key: string
  cost: number
}

/** Passwords of one kind of login. Each kind waits in a line of its own. */
export interface Passwords {
  /** Rejects with too-many when its line is full. */
  keep(password: Uint8Array | string): Promise<KeptPassword>
  /** Compared in constant time; null is nobody's, which costs the same and is false. Rejects with too-many when its line is full. */
  fits(password: Uint8Array | string, kept: KeptPassword | null): Promise<boolean>
}

/** A line of its own, of at most so many that wait. */
export type PasswordLines = (waitingAtMost: number) => Passwords

/** log2 of N: about 30 ms and 16 MB a password. */
const defaultCost = 14
/** Computed at a time: they share the threads of fdatasync, and acknowledgements must not wait for them. */
const width = 2
const nobody: KeptPassword = { salt: '00'.repeat(16), key: '00'.repeat(32), cost: defaultCost }

/** Keeps and checks the passwords of all, two at a time; the lines that wait take turns. */
export function createPasswordLines(randomBytes: (size: number) => Uint8Array): PasswordLines {
  const openLine = createLines()
  return (waitingAtMost) => {
    const inTurn = openLine(waitingAtMost)
    const hash = (password: Uint8Array | string, { salt, cost }: Omit<KeptPassword, 'key'>): Promise<Buffer> =>
      inTurn(() => derive(password, Buffer.from(salt, 'hex'), cost))
    return {
      async keep(password) {
        const kept = { salt: Buffer.from(randomBytes(16)).toString('hex'), cost: defaultCost }
        return { ...kept, key: (await hash(password, kept)).toString('hex') }
      },
      async fits(password, kept) {
        const key = await hash(password, kept ?? nobody)
        return timingSafeEqual(key, Buffer.from((kept ?? nobody).key, 'hex')) && kept !== null
      },
    }
  }
}

function derive(password: Uint8Array | string, salt: Buffer, cost: number): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** cost, r: 8, p: 1, maxmem: 256 * 2 ** cost * 8 }
  return new Promise((resolve, reject) => scrypt(password, salt, 32, options, (error, key) => (error ? reject(error) : resolve(key))))
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Lets `width` through at a time; who waits in a long line holds up nobody in another. */
function createLines(): (waitingAtMost: number) => InTurn {
  let running = 0
  /** The one whose turn was longest ago first. */
  const lines: Set<() => void>[] = []
  const next = (): void => {
    const line = lines.find(({ size }) => size > 0)
    const [first] = line ?? []
    if (line === undefined || first === undefined) return void (running -= 1)
    lines.push(...lines.splice(lines.indexOf(line), 1))
    line.delete(first)
    first()
  }
  return (waitingAtMost) => {
    const line = new Set<() => void>()
    lines.push(line)
    return async (work) => {
      if (running < width) running += 1
      else if (line.size < waitingAtMost) await new Promise<void>((resolve) => line.add(resolve))
      else throw new ApiProblem('too-many', 'Too many logins at once; try again in a few seconds.', { headers: { 'retry-after': '5' } })
      try {
        return await work()
      } finally {
        next()
      }
    }
  }
}
