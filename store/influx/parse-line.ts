export interface ParsedField {
  kind: 'float' | 'int' | 'bool' | 'text'
  value: number | string | boolean
}

export interface ParsedLine {
  measurement: string
  /** Measurement and tags as written: what names the series. */
  head: string
  tags: [key: string, value: string][]
  fields: [name: string, value: ParsedField][]
  time: string
}

/**
 * Reads one line of line protocol as a server does, written from the reference and not from our writer: a backslash escapes comma,
 * equals sign and space outside quotes, and quote and backslash inside; elsewhere it stands for itself. Throws a RangeError with the
 * words of InfluxDB 1.6 for what it refuses.
 */
export function parseLine(line: string): ParsedLine {
  const scan = createScan(line)
  const measurement = scan.until(', ')
  if (measurement === '') throw new RangeError(`unable to parse '${line}': missing measurement`)
  const tags: [string, string][] = []
  while (scan.peek() === ',') {
    scan.skip()
    const key = scan.until('=, ')
    if (scan.peek() !== '=') throw new RangeError(`unable to parse '${line}': missing tag value`)
    scan.skip()
    const value = scan.until(',= ')
    if (key === '' || value === '' || scan.peek() === '=') throw new RangeError(`unable to parse '${line}': missing tag value`)
    tags.push([key, value])
  }
  const head = scan.passed()
  if (scan.peek() !== ' ') throw new RangeError(`unable to parse '${line}': missing fields`)
  const fields: [string, ParsedField][] = []
  do {
    scan.skip()
    const name = scan.until('=, ')
    if (name === '' || scan.peek() !== '=') throw new RangeError(`unable to parse '${line}': invalid field format`)
    scan.skip()
    fields.push([name, fieldOf(scan, line)])
  } while (scan.peek() === ',')
  const time = scan.rest().trim()
  if (!/^-?\d*$/.test(time)) throw new RangeError(`unable to parse '${line}': bad timestamp`)
  return { measurement, head, tags, fields, time }
}

type Scan = ReturnType<typeof createScan>

function createScan(line: string) {
  let at = 0
  return {
    peek: () => line[at],
    skip: () => void at++,
    passed: () => line.slice(0, at),
    rest: () => line.slice(at),
    /** Text up to one of `stops`, escapes resolved. */
    until: (stops: string): string => {
      let found = ''
      for (; at < line.length; at++) {
        const here = line[at] ?? ''
        const next = line[at + 1] ?? ''
        if (here === '\n') throw new RangeError(`unable to parse '${line}': line ended`)
        if (here === '\\' && next !== '' && ',= '.includes(next)) found += line[++at]
        else if (stops.includes(here)) return found
        else found += here
      }
      return found
    },
    /** The inside of a quoted text; stands behind the closing quote afterwards. */
    quoted: (): string => {
      let found = ''
      for (at++; at < line.length; at++) {
        const here = line[at] ?? ''
        const next = line[at + 1] ?? ''
        if (here === '\\' && (next === '"' || next === '\\')) found += line[++at]
        else if (here === '"') return (at++, found)
        else found += here
      }
      throw new RangeError(`unable to parse '${line}': unbalanced quotes`)
    },
  }
}

function fieldOf(scan: Scan, line: string): ParsedField {
  if (scan.peek() === '"') return { kind: 'text', value: scan.quoted() }
  const written = scan.until(', ')
  if (written === '') throw new RangeError(`unable to parse '${line}': missing field value`)
  if (/^(?:true|false)$/.test(written)) return { kind: 'bool', value: written === 'true' }
  if (/^-?\d+i$/.test(written)) return { kind: 'int', value: Number(written.slice(0, -1)) }
  if (/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(written)) return { kind: 'float', value: Number(written) }
  throw new RangeError(`unable to parse '${line}': invalid number`)
}
