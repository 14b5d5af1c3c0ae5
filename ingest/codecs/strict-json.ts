/** Deepest nesting that is read. */
export const deepest = 16

export type StrictJson =
  | {
      root: unknown
      /** Objects in which a name stands twice, and the name. The last value of the name is in the object. */
      repeated: ReadonlyMap<object, string>
      problem?: undefined
    }
  | { problem: { place: number; what: string; tooDeep: boolean } }

/**
 * Reads JSON by RFC 8259 and sees what JSON.parse does not tell: names that stand twice, nesting beyond 16, and where the text goes
 * wrong. `NaN`, `Infinity` and `-Infinity`, which some writers emit, become those numbers, so that only their item is refused. Objects
 * have no prototype. Never throws; slower than JSON.parse, for texts that are suspicious.
 */
export function parseStrict(text: string): StrictJson {
  const reader = new Reader(text)
  try {
    return { root: reader.whole(), repeated: reader.repeated }
  } catch (error) {
    if (error instanceof Fault) return { problem: { place: error.place, what: error.message, tooDeep: error.tooDeep } }
    throw error
  }
}

class Fault extends Error {
  constructor(
    readonly place: number,
    what: string,
    readonly tooDeep = false,
  ) {
    super(what)
  }
}

const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]

class Reader {
  readonly repeated = new Map<object, string>()
  #place = 0

  constructor(readonly text: string) {}

  whole(): unknown {
    this.#space()
    const root = this.#value(1)
    if (this.#place < this.text.length) throw this.#expected('the end')
    return root
  }

  #value(depth: number): unknown {
    const mark = this.text[this.#place]
    if (mark === '{') return this.#object(depth)
    if (mark === '[') return this.#array(depth)
    if (mark === '"') return this.#string()
    const word = words.find(([name]) => this.text.startsWith(name, this.#place))
    if (word) {
      this.#skip(word[0].length)
      return word[1]
    }
    return this.#number()
  }

  #object(depth: number): object {
    const members = Object.create(null) as Record<string, unknown>
    this.#open(depth)
    if (this.#take('}')) return members
    do {
      if (this.text[this.#place] !== '"') throw this.#expected('a name in double quotes')
      const name = this.#string()
      if (name in members) this.repeated.set(members, name)
      if (!this.#take(':')) throw this.#expected('a colon')
      members[name] = this.#value(depth + 1)
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#expected('a comma or }')
    return members
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = []
    this.#open(depth)
    if (this.#take(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#take(','))
    if (!this.#take(']')) throw this.#expected('a comma or ]')
    return items
  }

  #open(depth: number): void {
    if (depth > deepest) throw new Fault(this.#place, `nesting deeper than ${deepest}`, true)
    this.#skip(1)
  }

  /** Finds the closing quote and lets JSON.parse judge the escapes. */
  #string(): string {
    const start = this.#place
    let end = start + 1
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1
    try {
      const value: unknown = JSON.parse(this.text.slice(start, end + 1))
      this.#skip(end + 1 - start)
      return String(value)
    } catch {
      throw this.#expected('a text that ends, without bad escapes')
    }
  }

  #number(): number {
    numberToken.lastIndex = this.#place
    const token = numberToken.exec(this.text)?.[0]
    if (token === undefined) throw this.#expected('a value')
    this.#skip(token.length)
    return Number(token)
  }

  #take(mark: string): boolean {
    if (this.text[this.#place] !== mark) return false
    this.#skip(1)
    return true
  }

  /** Goes on, over the white space that follows. */
  #skip(length: number): void {
    this.#place += length
    this.#space()
  }

  #space(): void {
    while (' \t\n\r'.includes(this.text[this.#place] ?? 'x')) this.#place += 1
  }

  #expected(what: string): Fault {
    return new Fault(this.#place, `expected ${what}`)
  }
}
