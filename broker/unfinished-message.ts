import type { Refusal } from './refusals.ts'

/** Frames of one message before the login, and pieces in which the network brings one: a CONNECT is small and comes in one of each. */
const mostParts = 32

/**
 * What a WebSocket client makes the server keep before its login. Reads nothing but the heads of frames (RFC 6455, 5.2), so that a message
 * is refused for the length it announces, and for the parts in which it comes.
 */
export class UnfinishedMessage {
  readonly #mostBytes: number
  /** Of the frame that comes now: its head as far as it is here, and the bytes of its payload that are still to come. */
  #head: number[] = []
  #payloadLeft = 0
  /** Of the message that is not whole: what its frames announced, and in how many frames and pieces it came. */
  #announced = 0
  #frames = 0
  #pieces = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** Takes the next bytes; why the connection must end, or null. */
  add(piece: Buffer): Refusal | null {
    if (this.#unfinished && ++this.#pieces > mostParts) return 'fragments'
    for (let at = 0; at < piece.length;) {
      if (this.#payloadLeft > 0) {
        const here = Math.min(this.#payloadLeft, piece.length - at)
        this.#payloadLeft -= here
        at += here
      } else {
        this.#head.push(piece[at++] ?? 0)
        const reason = this.#readHead()
        if (reason !== null) return reason
      }
    }
    return null
  }

  get #unfinished(): boolean {
    return this.#payloadLeft > 0 || this.#announced > 0 || this.#head.length > 0
  }

  /** Does nothing until the head is whole: two bytes, none, two or eight more of length, four of mask. */
  #readHead(): Refusal | null {
    const [first = 0, second = 0] = this.#head
    if (this.#head.length < 2) return null
    const [short, more] = [second & 127, (second & 127) === 127 ? 8 : (second & 127) === 126 ? 2 : 0]
    if (this.#head.length < 2 + more + (second >= 128 ? 4 : 0)) return null
    const length = more === 0 ? short : this.#head.slice(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
    this.#head = []
    this.#payloadLeft = length
    // a control frame stands between those of a message and is at most 125 bytes
    if ((first & 8) > 0) return length > 125 ? 'websocket-malformed' : null
    this.#announced += length
    if (this.#announced > this.#mostBytes) return 'packet-too-large'
    if (++this.#frames > mostParts) return 'fragments'
    if (first >= 128) [this.#announced, this.#frames, this.#pieces] = [0, 0, 0]
    return null
  }
}
