/** MQTT 3.1.1 frames for a load generator that must cost next to nothing: written once, patched in place. */

const field = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function remainingLength(size: number): Buffer {
  const bytes: number[] = []
  let rest = size
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 128 : low)
  } while (rest > 0)
  return Buffer.from(bytes)
}

const frame = (first: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first]), remainingLength(body.length), body])
}

/** MQTT 3.1.1, 3.14: the client says goodbye. */
export const disconnectFrame = Buffer.from([0xe0, 0])

export interface ConnectWords {
  client: string
  login: { user: string; password: string } | null
  /** 0 = none; 65,535 at most. */
  keepAliveSeconds: number
}

/** CONNECT with a clean session. */
export function connectFrame({ client, login, keepAliveSeconds }: ConnectWords): Buffer {
  const flags = login ? 0b11000010 : 0b00000010
  const parts = [field('MQTT'), Buffer.from([4, flags, keepAliveSeconds >> 8, keepAliveSeconds & 255]), field(client)]
  if (login) parts.push(field(login.user), field(login.password))
  return frame(0x10, ...parts)
}

/** A QoS 1 PUBLISH of one reading, about 120 bytes of JSON, whose packet id, seq, time and value are patched before each send. */
export interface PublishTemplate {
  bytes: Buffer
  /** Writes the n-th message (n from 0) of this connection with a packet id. */
  patch: (n: number, packetId: number) => void
}

const valueWidth = 5
const timeWidth = 24

export interface PublishWords {
  topic: string
  station: string
  /** Epoch ms of the first reading; each next one is `stepMs` later. */
  startAt: number
  stepMs: number
}

/** Readings of the water level of a station. */
export function publishTemplate({ topic, station, startAt, stepMs }: PublishWords): PublishTemplate {
  const json = `{"seq":1000000,"at":"${new Date(startAt).toISOString()}","station":"${station}","values":{"water_level":{"v":3.421,"u":"m"}}}`
  const topicField = field(topic)
  const payload = Buffer.from(json)
  const bytes = frame(0x32, topicField, Buffer.alloc(2), payload)
  const body = bytes.length - payload.length
  const packetIdAt = body - 2
  const seqAt = body + json.indexOf('1000000')
  const timeAt = body + json.indexOf('"at":"') + 6
  const valueAt = body + json.indexOf('3.421')
  let second = -1
  return {
    bytes,
    patch(n, packetId) {
      bytes.writeUInt16BE(packetId, packetIdAt)
      digits(bytes, seqAt, 1_000_000 + n, 7)
      const at = startAt + n * stepMs
      if (Math.floor(at / 1000) !== second) {
        second = Math.floor(at / 1000)
        bytes.write(new Date(at).toISOString(), timeAt, timeWidth, 'latin1')
      } else digits(bytes, timeAt + timeWidth - 4, at % 1000, 3)
      // a slow wave with a little noise, 1.000 to 4.999, so that no quality test and no rule objects too often
      const milli = 3000 + Math.round(400 * Math.sin(n / 500)) + ((n * 7919) % 7)
      digits(bytes, valueAt, Math.floor(milli / 1000), 1)
      digits(bytes, valueAt + 2, milli % 1000, valueWidth - 2)
    },
  }
}

function digits(bytes: Buffer, at: number, value: number, width: number): void {
  let rest = value
  for (let place = at + width - 1; place >= at; place -= 1) {
    bytes[place] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}
