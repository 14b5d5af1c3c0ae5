/** Why a connection is not served. */
export type ConnectionRefusal = 'too-many-connections' | 'too-many-strangers'

/** One connection that came in. */
export interface Connection {
  readonly address: string
  /** Its login was right. */
  known: boolean
  /** Its login was judged, right or wrong: it gives its turn to the next. */
  judged(): void
  /** It is gone, served or not. */
  closed(): void
}

export interface ConnectionLimits {
  /** Most connections in all. */
  maxConnections: number
  /** Most connections of one address that have not logged in. */
  maxStrangers: number
  /** How long one may wait for its turn, ms. */
  waitMs: number
}

interface Visitor {
  address: string
  state: 'waiting' | 'stranger' | 'judged' | 'gone'
  serve: () => void
  patience: NodeJS.Timeout
}

interface Place {
  strangers: number
  line: Set<Visitor>
}

/**
 * Who is connected from where, so that no address and not all together take too much. One address has so many strangers at a time; a
 * fleet that comes back at once behind one address waits in line, unread. The lines of one address take at most half of all places.
 */
export class Connections {
  /** Open connections, those that wait included. */
  total = 0
  readonly #limits: ConnectionLimits
  readonly #onRefused: (reason: ConnectionRefusal, address: string) => void
  readonly #places = new Map<string, Place>()

  constructor(limits: ConnectionLimits, onRefused: (reason: ConnectionRefusal, address: string) => void) {
    this.#limits = limits
    this.#onRefused = onRefused
  }

  /** Calls `serve` when it is the connection's turn, maybe at once; `refuse` when it must be closed. */
  admit(address: string, serve: () => void, refuse: () => void): Connection {
    const full = this.#isFull(address)
    if (full !== null) {
      this.#onRefused(full, address)
      refuse()
      return { address, known: false, judged: () => undefined, closed: () => undefined }
    }
    const visitor: Visitor = {
      address,
      state: 'waiting',
      serve,
      patience: setTimeout(() => {
        this.#onRefused('too-many-strangers', address)
        refuse()
      }, this.#limits.waitMs),
    }
    this.total++
    this.#placeOf(address).line.add(visitor)
    this.#next(address)
    return { address, known: false, judged: () => this.#leave(visitor, 'judged'), closed: () => this.#leave(visitor, 'gone') }
  }

  /** Somebody of the address waits for a turn. */
  waits(address: string): boolean {
    return (this.#places.get(address)?.line.size ?? 0) > 0
  }

  #isFull(address: string): ConnectionRefusal | null {
    const { maxConnections } = this.#limits
    if (this.total >= maxConnections) return 'too-many-connections'
    return (this.#places.get(address)?.line.size ?? 0) >= Math.ceil(maxConnections / 2) ? 'too-many-strangers' : null
  }

  #next(address: string): void {
    const place = this.#placeOf(address)
    const [visitor] = place.line
    if (visitor && place.strangers < this.#limits.maxStrangers) {
      clearTimeout(visitor.patience)
      place.line.delete(visitor)
      place.strangers++
      visitor.state = 'stranger'
      visitor.serve()
    } else if (place.strangers === 0 && place.line.size === 0) this.#places.delete(address)
  }

  #leave(visitor: Visitor, to: 'judged' | 'gone'): void {
    if (visitor.state === 'gone') return
    const place = this.#placeOf(visitor.address)
    if (visitor.state === 'stranger') place.strangers--
    if (to === 'gone') this.total--
    clearTimeout(visitor.patience)
    place.line.delete(visitor)
    visitor.state = to
    this.#next(visitor.address)
  }

  #placeOf(address: string): Place {
    const place = this.#places.get(address) ?? { strangers: 0, line: new Set<Visitor>() }
    this.#places.set(address, place)
    return place
  }
}
