import type { Refusal, RefusalCounter } from './refusals.ts'

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
  /** How long one may wait for its turn. */
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
 * fleet that comes back at once behind one address waits in line, unread.
 */
export class Connections {
  /** Open connections, those that wait included. */
  total = 0
  readonly #limits: ConnectionLimits
  readonly #refusals: RefusalCounter
  readonly #places = new Map<string, Place>()

  constructor(limits: ConnectionLimits, refusals: RefusalCounter) {
    this.#limits = limits
    this.#refusals = refusals
  }

  /** Calls `serve` when it is the connection's turn, maybe at once; `refuse` when it must be closed. */
  admit(address: string, serve: () => void, refuse: () => void): Connection {
    if (this.total >= this.#limits.maxConnections) {
      this.#count('too-many-connections', address)
      refuse()
      return { address, known: false, judged: () => undefined, closed: () => undefined }
    }
    const visitor: Visitor = {
      address,
      state: 'waiting',
      serve,
      patience: setTimeout(() => {
        this.#count('too-many-strangers', address)
        refuse()
      }, this.#limits.waitMs),
    }
    this.total++
    this.#placeOf(address).line.add(visitor)
    this.#next(address)
    return { address, known: false, judged: () => this.#leave(visitor, 'judged'), closed: () => this.#leave(visitor, 'gone') }
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

  #count(reason: Refusal, address: string): void {
    this.#refusals.count({ reason, device: null, address, detail: '' })
  }
}
