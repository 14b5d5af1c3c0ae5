import type Type from 'typebox'
import type { Level } from '../domain/warning.ts'
import type { Message } from './message.ts'

/** What became of one attempt. */
export type Outcome =
  /** The receiver said that it has it. */
  | { kind: 'accepted'; detail: string }
  /** Not this time: refused, silent, unreachable. `afterMs`: the receiver asked to be left alone for so long. */
  | { kind: 'failed'; detail: string; afterMs?: number }
  /** The receiver wants nothing any more: the channel is shut until its settings change. */
  | { kind: 'gone'; detail: string }

/** Text that stays the same over all attempts, and the id by which a receiver knows a repetition. */
export interface Letter {
  id: string
  body: string
  message: Message
}

/** One way out of the house. */
export interface Channel {
  name: string
  /** Open for simulations, replays and drills as well. */
  simulated: boolean
  /** Least level it is told of. */
  level: Level
  /** Changes with its settings; a channel that was shut is open again under another one. */
  fingerprint: string
  /** One attempt. Never rejects: a fault is an outcome. */
  deliver(letter: Letter): Promise<Outcome>
}

/** What channels work with; app/ gives it. */
export interface ChannelParts {
  now: () => number
  log: (message: string, fields: Readonly<Record<string, unknown>>) => void
}

/** A kind of channel: its settings and how one is made of them. */
export interface ChannelKind<Schema extends Type.TSchema> {
  kind: string
  schema: Schema
  /** Throws ChannelInvalid. */
  create(settings: Type.Static<Schema>, parts: ChannelParts): Channel
}
