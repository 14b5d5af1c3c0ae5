/**
 * A reader for plain JSON: ASCII without escapes, numbers of at most 15 digits without exponent. It walks the bytes once and makes no
 * string that it has made before; whoever uses it falls back to a full reader when a step returns its "not plain" answer. Steps skip the
 * white space that follows them.
 */
export class PlainReader {
  #bytes: Uint8Array = new Uint8Array()
  #place = 0

  /** Begins with a payload; true when its first mark (a byte) is `mark`. */
  begin(bytes: Uint8Array, mark: number): boolean {
    this.#bytes = bytes
    this.#place = 0
    this.#space()
    return this.take(mark)
  }

  /** True when everything has been read. */
  get ended(): boolean {
    return this.#place === this.#bytes.length
  }

  /** Passes over one byte if it is next. */
  take(mark: number): boolean {
    if (this.#bytes[this.#place] !== mark) return false
    this.#place += 1
    this.#space()
    return true
  }

  /** Passes over `null` if it is next. */
  takeNull(): boolean {
    const [bytes, place] = [this.#bytes, this.#place]
    if (bytes[place] !== 110 || bytes[place + 1] !== 117 || bytes[place + 2] !== 108 || bytes[place + 3] !== 108) return false
    this.#place = place + 4
    this.#space()
    return true
  }

  /** A text in quotes that comes again and again, as one and the same string; null = not plain. */
  name(): string | null {
    return this.remembered(names, internalized)
  }

  /**
   * What a text in quotes means to `read`; null = not plain, or `read` says so. Many devices send the same text, such as a full minute:
   * what the last few hundred meant is remembered.
   */
  remembered<Meaning>(known: Remembered<Meaning>, read: (text: string) => Meaning | null): Meaning | null {
    const bytes = this.#bytes
    const start = this.#place + 1
    if (bytes[start - 1] !== quote) return null
    let end = start
    let hash = 0
    for (let byte = bytes[end]; byte !== quote; byte = bytes[++end]) {
      if (byte === undefined || !isPlain(byte)) return null
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (end - start > longest) return null
    this.#place = end + 1
    this.#space()
    const found = known.find(bytes, start, end, hash)
    if (found !== null) return found
    const meaning = read(latin1(bytes, start, end))
    return meaning === null ? null : known.keep(bytes, start, end, hash, meaning)
  }

  /**
   * A number; NaN = not plain. With at most 15 digits the mantissa and the power of ten are exact doubles, so their quotient is the double
   * nearest to the decimal, as Number() gives it (IEEE 754: division rounds correctly).
   */
  number(): number {
    const bytes = this.#bytes
    const isNegative = bytes[this.#place] === minus
    const start = isNegative ? this.#place + 1 : this.#place
    let place = start
    let mantissa = 0
    let byte = bytes[place] ?? 0
    for (; byte >= zero && byte <= nine; byte = bytes[++place] ?? 0) mantissa = mantissa * 10 + byte - zero
    const whole = place - start
    let decimals = 0
    if (byte === dot) {
      for (byte = bytes[++place] ?? 0; byte >= zero && byte <= nine; byte = bytes[++place] ?? 0) mantissa = mantissa * 10 + byte - zero
      decimals = place - start - whole - 1
      if (decimals === 0) return NaN
    }
    const hasLeadingZero = whole > 1 && bytes[start] === zero
    if (whole === 0 || whole + decimals > 15 || hasLeadingZero || byte === smallE || byte === largeE) return NaN
    this.#place = place
    this.#space()
    const value = decimals === 0 ? mantissa : mantissa / (powers[decimals] ?? NaN)
    return isNegative && value !== 0 ? -value : value
  }

  #space(): void {
    const bytes = this.#bytes
    let place = this.#place
    for (let byte = bytes[place]; byte === 32 || byte === 10 || byte === 13 || byte === 9;) byte = bytes[++place]
    this.#place = place
  }
}

const quote = 34
const minus = 45
const dot = 46
const zero = 48
const nine = 57
const smallE = 101
const largeE = 69
const backslash = 92
const powers = Array.from({ length: 16 }, (_, i) => 10 ** i)

const isPlain = (byte: number): boolean => byte >= 32 && byte < 127 && byte !== backslash

function latin1(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1', start, end)
}

/** Longer texts are not plain: what is remembered stays small. */
const longest = 64

/** Texts that came before and what they mean, by hash; a newcomer takes the place of another, so the table never grows. */
export class Remembered<Meaning> {
  readonly #bytes: Uint8Array[]
  readonly #meanings: (Meaning | null)[]

  constructor(size: 256 | 2048) {
    this.#bytes = Array.from({ length: size }, () => new Uint8Array())
    this.#meanings = Array.from({ length: size }, () => null)
  }

  /** Null when the text is not remembered. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): Meaning | null {
    const slot = hash & (this.#bytes.length - 1)
    const known = this.#bytes[slot]
    if (known === undefined || known.length !== end - start) return null
    for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return null
    return this.#meanings[slot] ?? null
  }

  keep(bytes: Uint8Array, start: number, end: number, hash: number, meaning: Meaning): Meaning {
    const slot = hash & (this.#bytes.length - 1)
    this.#bytes[slot] = Uint8Array.from(bytes.subarray(start, end))
    this.#meanings[slot] = meaning
    return meaning
  }
}

/** As a property's name the engine keeps one string for all its like, so that comparing two of them compares addresses. */
function internalized(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text
}

const names = new Remembered<string>(2048)
