import type { Device } from '../domain/network.ts'
import { writeFrame as writeHj212, writeQn } from '../gateways/hj212/frame.ts'
import { judge } from '../gateways/hj212/judge.ts'
import { createScanner as scanHj212 } from '../gateways/hj212/scanner.ts'
import { writeMessage } from '../gateways/sl651/codec.ts'
import { control, writeFrame as writeSl651 } from '../gateways/sl651/frame.ts'
import type { Item } from '../gateways/sl651/message.ts'
import { createScanner as scanSl651 } from '../gateways/sl651/scanner.ts'
import type { Timers } from './device-client.ts'
import { ServerAway, ServerSilent } from './errors.ts'
import { hj212Areas, sl651Records } from './logger/field-firmware.ts'
import { partOf } from './sl651-memory.ts'
import { createPatience } from './unanswered.ts'
import { Uplink } from './uplink.ts'

/** The line of one simulated device of a field protocol: what its logger wrote goes out under its password, each frame until it is answered. */
export interface FieldLine {
  /** Resolves when it stands for the first time. Rejects with ServerAway. */
  connected: Promise<void>
  /** Resolves when the gateway has confirmed all of a payload; what a lost line left unanswered goes out again. Rejects with ServerSilent or ServerAway. */
  send(payload: string, at: number): Promise<void>
  /** Times that no answer came in time, and a frame was sent again. */
  unanswered(): number
  /** Breaks it; it does not come back by itself. */
  cut(): void
  /** Resolves when it stands again. */
  join(): Promise<void>
  /** All that is waited for, and will be, is rejected with this. */
  giveUp(reason: Error): void
  stop(): void
}

export interface FieldLineParts {
  device: Device
  secret: string
  /** `host:port` of the gateway. */
  address: string
  timers: Timers
  /** Kind of its station (SL 651 writes it as a class), and its system code (HJ 212). */
  stationClass: number
  st: string
  /** True while nobody can find the server because somebody wants it so; left out: never. */
  isHidden?: () => boolean
}

/** What a protocol makes of a payload, and of what the gateway says. */
interface Speech {
  /** How often a frame is sent again before the line is dialled anew. */
  resends: number
  /** Frames that each want an answer, and the name by which it will call them. */
  framesOf(payload: string, at: number): { key: string; bytes: Buffer }[]
  /** Begins to listen to a stream of bytes; what comes of it are the names of frames that are confirmed. */
  listen(): (chunk: Buffer) => string[]
}

interface Waiting {
  key: string
  bytes: Buffer
  done: () => void
  fail: (reason: Error) => void
}

/** Both standards wait so long for an answer. */
const answerWithinMs = 10_000

/** Opens the line of a device whose protocol is not MQTT. */
export function openFieldLine(parts: FieldLineParts): FieldLine {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(parts.address) ?? []
  const speech = parts.device.protocol === 'hj212' ? speakHj212(parts) : speakSl651(parts)
  let listen = speech.listen()
  const open = new Set<Waiting>()
  const { device, isHidden = () => false } = parts
  const end = createEnd()
  const giveUp = (reason: Error): void => {
    end.come(reason)
    uplink.stop()
    for (const { fail } of open) fail(reason)
  }
  const patience = createPatience((name, times) => giveUp(new ServerSilent(name, times)))
  const absences = createPatience((name, times) => giveUp(new ServerAway(name, times)))
  const uplink: Uplink<Waiting, string> = new Uplink<Waiting, string>({
    ...{ host: host.replace(/^\[|\]$/g, ''), port: Number(port), timers: parts.timers, answerWithinMs, resends: speech.resends },
    keyOf: ({ key }) => key,
    transmit: ({ bytes }) => uplink.write(bytes),
    unanswered: () => patience.unanswered(device.id),
    absent() {
      if (isHidden() || (!end.isDialling() && open.size === 0)) absences.answered(device.id)
      else absences.unanswered(device.id)
    },
    opened() {
      absences.answered(device.id)
      listen = speech.listen()
    },
    hear(chunk) {
      for (const key of listen(chunk)) {
        const waiting = uplink.waiting(key)
        if (!uplink.answered(key)) continue
        patience.answered(device.id)
        waiting?.done()
      }
    },
  })
  const confirmed = (frame: Pick<Waiting, 'key' | 'bytes'>): Promise<void> =>
    new Promise((resolve, fail) => {
      const waiting = { ...frame, fail, done: (): void => void (open.delete(waiting), resolve()) }
      open.add(waiting)
      uplink.add([waiting])
    })
  const connected = end.orStanding(uplink.connected)
  connected.catch(() => undefined) // nobody has to wait for it
  return {
    connected,
    async send(payload, at) {
      end.check()
      await Promise.all(speech.framesOf(payload, at).map(confirmed))
    },
    unanswered: () => patience.count(),
    cut: () => uplink.hangUp(),
    join: () => end.orStanding(uplink.dialAgain()),
    giveUp,
    stop: () => uplink.stop(),
  }
}

/** The end of a line for good, as those see it who wait for a login or have something to send. */
function createEnd() {
  let reason: Error | null = null
  let come: (reason: Error) => void = () => undefined
  const coming = new Promise<never>((_, reject) => (come = reject))
  coming.catch(() => undefined) // nobody has to wait for it
  let dialling = 0
  return {
    come: (why: Error): void => come((reason ??= why)),
    check(): void {
      if (reason !== null) throw reason
    },
    isDialling: () => dialling > 0,
    async orStanding(line: Promise<void>): Promise<void> {
      dialling += 1
      await Promise.race([line, coming])
      dialling -= 1
    },
  }
}

/** Edition 2017, answer wanted. */
const hj212Flag = 5

function speakHj212({ device, secret: pw, st }: FieldLineParts): Speech {
  let lastQn = 0
  const nextQn = (at: number): string => writeQn((lastQn = Math.max(at, lastQn + 1)))
  const write = (qn: string, area: string): Buffer =>
    writeHj212({ qn, st, cn: '2011', pw, mn: device.hj212?.mn ?? '', flag: hj212Flag, area })
  return {
    resends: 3,
    framesOf: (payload, at) =>
      hj212Areas(payload).map((area) => {
        const key = nextQn(at)
        return { key, bytes: write(key, area) }
      }),
    listen() {
      const scanner = scanHj212()
      return (chunk) =>
        scanner.push(chunk).flatMap((raw) => {
          const judged = raw.fault === undefined ? judge(raw) : raw
          return judged.fault === undefined && judged.frame.cn === '9014' ? [judged.frame.qn] : []
        })
    },
  }
}

/** Timed report. */
const report = 0x32

function speakSl651({ device, secret, stationClass }: FieldLineParts): Speech {
  const station = device.sl651?.address ?? ''
  let serial = 0
  const write = (record: { at: number; items: Item[] }, sentAt: number): Buffer => {
    const body = writeMessage('hex', { serial, sentAt, parts: [partOf(station, stationClass, record)], text: null })
    return writeSl651({
      ...{ encoding: 'hex', direction: 'up', centre: 1, station, password: parseInt(secret, 16), code: report },
      ...{ packet: null, body, end: control.ETX },
    })
  }
  return {
    resends: 2,
    framesOf: (payload, at) =>
      sl651Records(payload).map((record) => {
        serial = (serial % 65_535) + 1
        return { key: String(serial), bytes: write(record, Math.floor(at / 1000) * 1000) }
      }),
    listen() {
      const scanner = scanSl651()
      return (chunk) =>
        scanner.push(chunk).flatMap((found) => {
          if (found.fault !== undefined || found.frame.direction !== 'down') return []
          const [high = 0, low = 0] = found.frame.body
          return [String((high << 8) | low)]
        })
    },
  }
}
