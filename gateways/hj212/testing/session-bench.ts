import { duplexPair, type Duplex } from 'node:stream'
import type { Delivery } from '../../../domain/delivery.ts'
import { deviceId, stationId } from '../../../domain/ids.ts'
import type { Device, Hj212Settings } from '../../../domain/network.ts'
import { attach, type PeerSession } from '../../line.ts'
import { LoginTurns } from '../../login-turns.ts'
import type { Frame, FrameParts } from '../frame.ts'
import { writeFrame } from '../frame.ts'
import { judge } from '../judge.ts'
import { createScanner } from '../scanner.ts'
import { openHj212Session, type ConnectedStation, type SessionParts } from '../session.ts'

export const mn = '010000A8900016F000169DC0'

/** A device of HJ 212 as tests need it. */
export function hj212Device(id: string, more: Partial<Hj212Settings> = {}, addresses: string[] = []): Device {
  return {
    ...{ id: deviceId(id), protocol: 'hj212', stations: [stationId('works')], channels: new Map(), clock: { zone: null, none: false } },
    ...{ units: new Map(), addresses, run: null, network: 'n' },
    hj212: { mn, crc: 'hj212', sm4: null, ...more },
    sl651: null,
    szy206: null,
  }
}

/** Timers that only run when a test says so. */
export interface HandTimers {
  timers: SessionParts['timers']
  /** Runs what waits for just so many ms; how many there were. */
  fire(ms: number): number
}

export function handTimers(): HandTimers {
  const waiting = new Map<object, { run: () => void; ms: number }>()
  return {
    timers: {
      setTimeout(run, ms) {
        const handle = {}
        waiting.set(handle, { run, ms })
        return handle
      },
      clearTimeout: (handle) => void waiting.delete(handle as object),
    },
    fire(ms) {
      const due = [...waiting].filter(([, one]) => one.ms === ms)
      for (const [handle, { run }] of due) {
        waiting.delete(handle)
        run()
      }
      return due.length
    },
  }
}

/** A session with its other end in a test's hand. */
export interface SessionBench extends HandTimers {
  session: PeerSession
  wire: Duplex
  /** Frames that the session wrote. */
  heard: Frame[]
  deliveries: Delivery[]
  /** `reason detail` of what was refused. */
  refused: string[]
  /** What was odd about frames that were taken. */
  odd: string[]
  stations: ConnectedStation[]
  /** Whether the session's end of the wire is closed. */
  isClosed(): boolean
  say(more?: Partial<FrameParts>): void
  until(holds: () => boolean): Promise<void>
}

export const dataArea = 'DataTime=20260801085857;w01018-Rtd=20.1,w01018-Flag=N'

export function openSession(device: Device = hj212Device('logger'), more: Partial<SessionParts> = {}): SessionBench {
  const [ours, theirs] = duplexPair()
  const hand = handTimers()
  const [heard, deliveries, refused, odd, stations]: [Frame[], Delivery[], string[], string[], ConnectedStation[]] = [[], [], [], [], []]
  let qn = 0
  let isClosed = false
  ours.on('error', () => undefined).on('close', () => (isClosed = true))
  const parts: SessionParts = {
    accept: async (delivery) => void deliveries.push(delivery),
    identify: async (name, secret) =>
      Buffer.from(secret).toString() === '123456' ? { role: 'device', device: deviceId(name), run: null } : null,
    now: () => Date.UTC(2026, 7, 1, 1),
    timers: hand.timers,
    deviceOf: (asked) => (asked === device.hj212?.mn ? device : null),
    mayComeFrom: () => true,
    keysOf: () => [],
    nextQn: () => `2026080109${String(++qn).padStart(7, '0')}`,
    loginTurns: new LoginTurns({ now: () => 0, timers: hand.timers, wrongLogins: 5 }),
    ...{ maxInFlight: 4, passwordTries: 3, frameWithinMs: 11, splitWithinMs: 12, overTimeMs: 13, resends: 2, executeWithinMs: 14 },
    answersHeartbeats: false,
    note: (what) => void odd.push(what),
    refuse: (reason, detail) => void refused.push(`${reason} ${detail}`),
    onKept: () => undefined,
    onLogin: (station) => void stations.push(station),
    onEnd: () => undefined,
    ...more,
  }
  let session: PeerSession | undefined
  attach(
    { wire: ours, address: '10.1.2.3', known: () => undefined },
    (link) => (session = openHj212Session(link, parts)),
    () => undefined,
  )
  if (session === undefined) throw new Error('no session was opened')
  const scanner = createScanner()
  theirs.on('error', () => undefined)
  theirs.on('data', (chunk: Buffer) => {
    for (const raw of scanner.push(chunk)) {
      const judged = raw.fault === undefined ? judge(raw, { crc: device.hj212?.crc ?? 'hj212', sm4: null }) : null
      if (judged !== null && judged.fault === undefined) heard.push(judged.frame)
    }
  })
  return {
    ...{ ...hand, session, wire: theirs, heard, deliveries, refused, odd, stations },
    isClosed: () => isClosed,
    say: (parts = {}) => void theirs.write(frameBytes(parts)),
    until: async (holds) => {
      while (!holds()) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** A real-time frame that wants an answer, unless the parts say otherwise. */
export function frameBytes(parts: Partial<FrameParts> = {}): Buffer {
  return writeFrame({ qn: '20260801085857223', st: '32', cn: '2011', pw: '123456', mn, flag: 5, area: dataArea, ...parts })
}
