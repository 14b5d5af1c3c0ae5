import { readFileSync } from 'node:fs'
import { rawConnection, until, type RawConnection } from './brokers.ts'

/** One line of testdata/hostile-packets.txt. */
export interface PacketCase {
  what: string
  /** As the first bytes of a connection, or after the login of rtu-1. */
  when: 'first' | 'known'
  bytes: Buffer
  /** What comes back. */
  answer: Buffer
  closed: boolean
  /** The reason it is counted under; null = it is right. */
  reason: string | null
}

/** All cases, with the secret of rtu-1 where they log in. */
export function hostilePackets(secret: string): PacketCase[] {
  const lines = readFileSync(new URL('../testdata/hostile-packets.txt', import.meta.url), 'utf8').split('\n')
  return lines.filter((line) => /^(first|known) /.test(line)).map((line) => caseOf(line, secret))
}

function caseOf(line: string, secret: string): PacketCase {
  const [when, bytes = '', answer = '', reason, what = ''] = line.split(' | ')
  return {
    what,
    when: when === 'first' ? 'first' : 'known',
    bytes: packetOf(bytes, secret),
    answer: packetOf(answer.replace('closed', ''), secret),
    closed: answer.endsWith('closed'),
    reason: reason === '-' ? null : (reason ?? null),
  }
}

const tokens = /"([^"]*)"(?:\*(\d+))?|@secret|[()[\]]|[0-9a-f]{2}|\S+/g

/** Bytes of a packet written as in testdata/hostile-packets.txt. */
export function packetOf(text: string, secret = ''): Buffer {
  const open: Buffer[][] = [[]]
  for (const [token, quoted, times] of text.matchAll(tokens)) {
    const add = (bytes: Buffer): void => void open.at(-1)?.push(bytes)
    if (quoted !== undefined) add(Buffer.from(quoted.repeat(Number(times ?? 1))))
    else if (token === '@secret') add(Buffer.from(secret))
    else if (token === '(' || token === '[') open.push([])
    else if (token === ')' || token === ']') {
      const body = Buffer.concat(open.pop() ?? [])
      add(Buffer.concat([token === ')' ? remainingLength(body.length) : Buffer.from([body.length >> 8, body.length & 255]), body]))
    } else if (/^[0-9a-f]{2}$/.test(token)) add(Buffer.from(token, 'hex'))
    else throw new Error(`"${token}" is not part of a packet: ${text}`)
  }
  return Buffer.concat(open[0] ?? [])
}

/** MQTT 3.1.1, 2.2.3. */
export function remainingLength(length: number): Buffer {
  const bytes: number[] = []
  let rest = length
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.from(bytes)
}

/** What came back for a case, and whether the connection had ended when the answer was whole. */
export interface PacketOutcome {
  answer: Buffer
  closed: boolean
}

/** Sends a case to a broker, over TCP if nothing else is said, and waits for what should come: its answer, and the end where it should end. */
export async function tryPacket(
  port: number,
  secret: string,
  one: PacketCase,
  connect: (port: number) => Promise<RawConnection> = rawConnection,
): Promise<PacketOutcome> {
  const { socket, received, closed } = await connect(port)
  let ended = false
  void closed.then(() => (ended = true))
  if (one.when === 'known') {
    socket.write(packetOf('10 ( [ "MQTT" ] 04 c2 00 3c [ "rtu-1" ] [ "rtu-1" ] [ @secret ] )', secret))
    await until(() => received().length >= 4 || ended)
  }
  const before = received().length
  socket.write(one.bytes)
  await until(() => ended || (!one.closed && received().length - before >= one.answer.length))
  socket.destroy()
  return { answer: received().subarray(before), closed: ended }
}
