import { pino, type DestinationStream, type LogFn, type Logger } from 'pino'

/** A line of the log as the support bundle carries it. */
export interface LogLine {
  level: string
  message: string
  /** Lines like it that were left out before it. */
  leftOut: number
  /** What the error behind it says. */
  cause: string | null
}

export interface Log {
  log: Logger
  /** The newest lines, oldest first. */
  recent(): readonly LogLine[]
}

interface LogParts {
  /** Least severe level that is written. */
  level: string
  isTerminal: boolean
  /** A clock that never goes back, ms. */
  monotonic: () => number
  /** Where JSON lines go; default stdout. */
  out?: DestinationStream
}

/** Lines of one kind within a minute; more are counted and told with the first one of the next minute. */
const mostAMinute = 10
const minuteMs = 60_000
/** Kinds that are remembered; beyond, all are forgotten and each may speak again. */
const mostKinds = 500
const mostRecent = 300

/**
 * JSON lines on stdout; in words where somebody looks at it and pino-pretty is there. A fault that repeats itself thousands of times a
 * minute fills no disk: a kind of line is its error code, or its words.
 */
export function createLog({ level, isTerminal, monotonic, out = process.stdout }: LogParts): Log {
  const recent: LogLine[] = []
  const admit = createLimit(monotonic)
  const hooks = {
    logMethod(this: Logger, args: Parameters<LogFn>, method: LogFn, number: number): void {
      const message = args.find((arg) => typeof arg === 'string') ?? ''
      const leftOut = admit(`${number} ${codeOf(args[0]) ?? message}`)
      if (leftOut === null) return
      recent.push({ level: this.levels.labels[number] ?? String(number), message, leftOut, cause: causeOf(args[0]) })
      if (recent.length > mostRecent) recent.shift()
      if (leftOut > 0) method.apply(this, [{ leftOut }, `${leftOut} more lines like the next one were left out`])
      method.apply(this, args)
    },
  }
  return { log: open(level, isTerminal, out, hooks), recent: () => recent }
}

function open(level: string, isTerminal: boolean, out: DestinationStream, hooks: object): Logger {
  if (!isTerminal) return pino({ level, hooks }, out)
  try {
    const transport = { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } }
    return pino({ level, hooks, transport })
  } catch {
    return pino({ level, hooks }, out)
  }
}

/** For each kind: how many were left out before this line, or null when this one is left out. */
function createLimit(monotonic: () => number): (kind: string) => number | null {
  const kinds = new Map<string, { since: number; count: number }>()
  return (kind) => {
    const now = monotonic()
    const known = kinds.get(kind)
    if (known !== undefined && now - known.since < minuteMs) {
      known.count += 1
      return known.count > mostAMinute ? null : 0
    }
    if (kinds.size >= mostKinds) kinds.clear()
    kinds.set(kind, { since: now, count: 1 })
    return Math.max(0, (known?.count ?? 0) - mostAMinute)
  }
}

interface Told {
  code?: unknown
  err?: { code?: unknown; message?: unknown }
}

function codeOf(first: unknown): string | null {
  if (typeof first !== 'object' || first === null) return null
  const { code, err } = first as Told
  const found = code ?? err?.code
  return typeof found === 'string' ? found : null
}

function causeOf(first: unknown): string | null {
  if (typeof first !== 'object' || first === null) return null
  const { err } = first as Told
  return typeof err?.message === 'string' ? err.message : null
}
