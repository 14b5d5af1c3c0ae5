import type { DeviceId } from '../domain/ids.ts'
import type { Device } from '../domain/network.ts'
import type { ConnectedStation, LineParts, Link } from './line.ts'
import type { LineRefusal } from './refusals.ts'

export interface LoginParts<Station extends ConnectedStation> extends Pick<
  LineParts<LineRefusal, Station>,
  'identify' | 'passwordTries' | 'loginTurns' | 'refuse' | 'onLogin'
> {
  link: Pick<Link, 'address' | 'known' | 'end'>
}

/** Most stations behind one line (a concentrator, a relay). */
const mostStations = 64

/** The stations behind one line. Each frame says who it is and its password, which is checked when it is new on this line. */
export class Logins<Station extends ConnectedStation> {
  readonly #parts: LoginParts<Station>
  readonly #known = new Map<string, { station: Station; password: string }>()
  #tries = 0
  #isOver = false

  constructor(parts: LoginParts<Station>) {
    this.#parts = parts
  }

  /**
   * The station of a frame, made at its first one; null when its password is wrong or could not be checked, which is counted. Too many wrong
   * ones end the line; a revoked one does so too, by the gateway's `kick`.
   */
  async enter(device: Device, { sender, password }: { sender: string; password: string }, make: () => Station): Promise<Station | null> {
    const known = this.#known.get(sender)
    if (known?.station.device === device && known.password === password) return known.station
    if (!(await this.#isPassword(device, sender, password)) || this.#isOver) return null
    if (known?.station.device === device) {
      known.password = password // it was changed: what is asked of the station goes on
      return known.station
    }
    if (known === undefined && this.#known.size >= mostStations) {
      this.#parts.refuse('too-many-strangers', `more than ${mostStations} stations on one line`, sender)
      return null
    }
    known?.station.requests.end()
    const station = make()
    this.#known.set(sender, { station, password })
    this.#parts.link.known()
    this.#parts.onLogin(station)
    return station
  }

  serves(id: DeviceId): boolean {
    return this.stations().some(({ device }) => device.id === id)
  }

  stations(): Station[] {
    return [...this.#known.values()].map(({ station }) => station)
  }

  /** The line is over: what was asked of its stations is unreachable. */
  end(): void {
    this.#isOver = true
    for (const { requests } of this.stations()) requests.end()
  }

  async #isPassword({ id }: Device, sender: string, password: string): Promise<boolean> {
    const { identify, loginTurns, refuse, passwordTries, link } = this.#parts
    const isRight = async (): Promise<boolean> => {
      const identity = await identify(id, Buffer.from(password))
      return identity?.role === 'device' && identity.device === id
    }
    try {
      const judged = await loginTurns.judge(link.address, () => this.#isOver, isRight)
      if (judged !== false) return judged === true
    } catch (error) {
      refuse('login-unavailable', String(error), sender)
      return false
    }
    refuse('wrong-password', id, sender)
    this.#tries += 1
    if (this.#tries < passwordTries) return false
    refuse('too-many-passwords', id, sender)
    link.end()
    return false
  }
}
