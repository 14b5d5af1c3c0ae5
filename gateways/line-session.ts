import type { DeviceId } from '../domain/ids.ts'
import { Intake, type IntakeParts } from './intake.ts'
import type { ConnectedStation, LineParts, Link, PeerSession } from './line.ts'
import { Logins } from './logins.ts'
import type { LineRefusal } from './refusals.ts'

export interface LineSessionParts<Found, Station extends ConnectedStation>
  extends LineParts<LineRefusal, Station>, Pick<IntakeParts<Found>, 'scanner' | 'take'> {
  link: Link
  /** The line is over: what the protocol has open is given up. */
  ended: () => void
}

/** One line of any protocol: what it brings (`intake`) and who has logged in over it (`logins`). */
export class LineSession<Found, Station extends ConnectedStation> implements PeerSession {
  readonly intake: Intake<Found>
  readonly logins: Logins<Station>
  readonly #parts: LineSessionParts<Found, Station>

  constructor(parts: LineSessionParts<Found, Station>) {
    this.#parts = parts
    this.intake = new Intake(parts)
    this.logins = new Logins(parts)
  }

  read(chunk: Buffer): void {
    this.intake.read(chunk)
  }

  flush(): void {
    this.intake.flush()
  }

  drain(): Promise<void> {
    return this.intake.drain()
  }

  serves(id: DeviceId): boolean {
    return this.logins.serves(id)
  }

  disconnect(): void {
    this.#parts.link.end()
  }

  end(): void {
    if (this.intake.isOver()) return
    this.intake.end()
    this.#parts.ended()
    this.logins.end()
    this.#parts.onEnd(this.logins.stations())
  }
}
