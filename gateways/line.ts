import type { Accept } from '../domain/delivery.ts'
import type { Identify } from '../domain/identity.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Device } from '../domain/network.ts'
import type { LoginTurns } from './login-turns.ts'
import type { LineRefusal } from './refusals.ts'
import type { Visitor } from './tcp-door.ts'

export interface Timers {
  setTimeout: (run: () => void, ms: number) => unknown
  clearTimeout: (handle: unknown) => void
}

/** The line to a peer, TCP or UDP. */
export interface Link {
  /** Peer address. */
  address: string
  send(bytes: Buffer): void
  /** A station has logged in over it. */
  known(): void
  end(): void
  /** Reads no further, and goes on. */
  hold(): void
  resume(): void
}

/** What takes the bytes of one peer: a session of a protocol. */
export interface PeerSession {
  /** Bytes that came, cut anywhere. */
  read(chunk: Buffer): void
  /** Nothing follows what came: the end of a datagram. */
  flush(): void
  /** Reads no more; resolves when all that was read is journalled and answered. */
  drain(): Promise<void>
  /** The line is over. Twice is once. */
  end(): void
  /** Whether a device has logged in over it. */
  serves(device: DeviceId): boolean
  /** Ends the line. */
  disconnect(): void
}

/** A station that has logged in. */
export interface ConnectedStation {
  readonly device: Device
  readonly requests: { end(): void }
}

/** What each session needs of its gateway. */
export interface LineParts<Reason extends string, Station extends ConnectedStation> {
  accept: Accept
  identify: Identify
  /** Epoch ms: `receivedAt` of the deliveries, and the time in what is sent. */
  now: () => number
  timers: Timers
  /** The device of what a frame calls its station; null for one that nobody has. */
  deviceOf: (sender: string) => Device | null
  /** Whether a device may speak from an address. */
  mayComeFrom: (device: Device, address: string) => boolean
  maxInFlight: number
  passwordTries: number
  /** When passwords are judged; one for all lines of a gateway. */
  loginTurns: LoginTurns
  frameWithinMs: number
  refuse: (reason: Reason | LineRefusal, detail: string, sender: string | null) => void
  /** A message was journalled. */
  onKept: () => void
  onLogin: (station: Station) => void
  onEnd: (stations: readonly Station[]) => void
}

/** Bytes that wait for a station to take them. */
const mostUnsent = 65_536

/** Joins a TCP connection to a session; one that takes nothing of what it is sent is ended. */
export function attach({ wire, address, known }: Visitor, open: (link: Link) => PeerSession, onNotDraining: () => void): void {
  const session = open({
    address,
    known,
    send(bytes) {
      if (wire.destroyed) return
      wire.write(bytes)
      if (wire.writableLength <= mostUnsent) return
      onNotDraining()
      wire.destroy()
    },
    end: () => wire.destroy(),
    hold: () => wire.pause(),
    resume: () => wire.resume(),
  })
  wire.on('data', (chunk: Buffer) => session.read(chunk))
  wire.once('close', () => session.end())
}
