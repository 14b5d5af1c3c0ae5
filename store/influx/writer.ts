import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB, RequestTimedOutError, type Transport, type WriteApi } from '@influxdata/influxdb-client'
import { StoreUnavailable } from '../errors.ts'

export type WritePrecision = 'ms' | 'ns'

/** A line that the server will never take, alone in its request. */
export interface RefusedLine {
  /** Place in the lines given. */
  index: number
  line: string
  /** The server's words. */
  reason: string
}

/** What the writer has done since it was made. */
export interface WriterFigures {
  requests: number
  /** Lines the server confirmed. */
  written: number
  refused: number
}

/** Writes lines of line protocol; nothing is kept or tried again here: the journal or the reader's cursor does that. */
export interface InfluxWriter {
  /**
   * Resolves when the server has confirmed every line but those it returns: lines that were refused for good, each tried alone, while it
   * took something else. Rejects with StoreUnavailable when the server is away, overloaded, unsure, or refuses everything; some lines may
   * then have arrived, and writing all of them again does no harm. Lines of one call arrive in order.
   */
  write(lines: readonly string[], precision?: WritePrecision): Promise<RefusedLine[]>
  figures(): WriterFigures
  close(): void
}

export interface WriterOptions {
  url: string
  /** Path and query of the write for a precision: `/write?db=…` (1.x) or `/api/v2/write?…` (2.x). */
  pathFor: (precision: WritePrecision) => string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
  /** Lines and bytes of one request; a line that is longer goes alone. */
  maxLines?: number
  maxBytes?: number
}

export function createInfluxWriter({ maxLines = 5_000, maxBytes = 4_000_000, ...options }: WriterOptions): InfluxWriter {
  const figures: WriterFigures = { requests: 0, written: 0, refused: 0 }
  const agent = options.url.startsWith('https:') ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const apis = { ms: writeApi(options, agent, 'ms', maxLines), ns: writeApi(options, agent, 'ns', maxLines) }
  const doing = `writing to InfluxDB at ${new URL(options.url).origin}`
  /** Why even our own point was refused last; null when it was taken. While it stands a try is one request: that point. */
  let refusesAll: HttpError | null = null
  /** What a request may hold, by what was too large before. */
  let roomBytes = maxBytes

  async function send(lines: readonly string[], precision: WritePrecision): Promise<HttpError | null> {
    figures.requests += 1
    try {
      // One tick: nobody else's lines come between, and flush takes exactly these.
      apis[precision].writeRecords([...lines])
      await apis[precision].flush()
      figures.written += lines.length
      return null
    } catch (cause) {
      if (cause instanceof HttpError && refuses(cause)) return cause
      // The client gives up waiting but leaves the socket to the server that hangs.
      if (cause instanceof RequestTimedOutError) agent.destroy()
      throw unavailable(doing, cause)
    }
  }

  /**
   * A point of our own, at the server's time, tells whose fault a refusal is: a server, or what stands before it, that does not take this
   * one either takes nothing. Rejects with StoreUnavailable then.
   */
  async function takeStock(refusal: HttpError, precision: WritePrecision): Promise<void> {
    const found = await send([refusal.statusCode === 413 ? longProbe : probe], precision)
    refusesAll = found === null ? null : refusal
    if (found !== null) throw takesNothing(doing, refusal)
    figures.written -= 1
  }

  /** Halves what was refused until a line stands alone: which lines a server kept of a refused batch is never assumed. */
  async function writeSpan(lines: readonly string[], first: number, precision: WritePrecision, seen: Seen): Promise<RefusedLine[]> {
    const refusal = await send(lines, precision)
    seen.last = refusal
    if (!refusal) return []
    if (!seen.tookStock) {
      await takeStock(refusal, precision)
      Object.assign(seen, { tookStock: true, last: null })
    }
    if (refusal.statusCode === 413 && lines.length > 1) roomBytes = Math.min(roomBytes, Math.max(leastRoomBytes, bytesOf(lines) >> 1))
    if (lines.length === 1) {
      return [{ index: first, line: lines[0] ?? '', reason: reasonOf(refusal) ?? `status ${refusal.statusCode}` }]
    }
    const half = lines.length >> 1
    const before = await writeSpan(lines.slice(0, half), first, precision, seen)
    return [...before, ...(await writeSpan(lines.slice(half), first + half, precision, seen))]
  }

  return {
    write: async (lines, precision = 'ms') => {
      if (refusesAll !== null) await takeStock(refusesAll, precision)
      const refused: RefusedLine[] = []
      const seen: Seen = { last: null, tookStock: false }
      for (const [from, to] of spans(lines, maxLines, roomBytes))
        refused.push(...(await writeSpan(lines.slice(from, to), from, precision, seen)))
      // it may have begun to refuse everything meanwhile
      if (seen.last !== null) await takeStock(seen.last, precision)
      figures.refused += refused.length
      return refused
    },
    figures: () => ({ ...figures }),
    close: () => {
      for (const api of Object.values(apis)) api.dispose()
      agent.destroy()
    },
  }
}

/** What the server said during one write. */
interface Seen {
  /** Its last answer when it was a refusal that nothing has borne out yet. */
  last: HttpError | null
  /** It took a point of ours after its first refusal. */
  tookStock: boolean
}

const probe = 'probe taken=1i'
/** As long as the longest points are: what is too small for this one is too small for everybody. */
const longProbe = `${probe},padding="${'-'.repeat(1_000)}"`
const leastRoomBytes = 10_000
/** At least so long until the next try of a server that refuses everything. */
const refusedPauseMs = 1_000

// UTF-8 takes at most three bytes for one unit of a string: an upper bound without counting.
const sizeOf = (line: string): number => line.length * 3 + 1
const bytesOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + sizeOf(line), 0)

function spans(lines: readonly string[], maxLines: number, maxBytes: number): [from: number, to: number][] {
  const found: [number, number][] = []
  let [from, bytes] = [0, 0]
  lines.forEach((line, i) => {
    const size = sizeOf(line)
    if (i > from && (i - from >= maxLines || bytes + size > maxBytes)) {
      found.push([from, i])
      ;[from, bytes] = [i, 0]
    }
    bytes += size
  })
  if (lines.length > from) found.push([from, lines.length])
  return found
}

/**
 * The client's WriteApi with everything of its own switched off: no retries (what retries is ours, on disk), no timer, no size at which it
 * flushes by itself and swallows the error, no log.
 */
function writeApi(options: WriterOptions, agent: HttpAgent, precision: WritePrecision, maxLines: number): WriteApi {
  const connection = {
    url: options.url.replace(/\/+$/, ''),
    headers: { ...options.headers },
    timeout: options.timeoutMs,
    transportOptions: { agent },
  }
  const { transport } = new InfluxDB(connection)
  const api = new InfluxDB({ ...connection, transport: seeingPartialWrites(transport) }).getWriteApi('', '', precision, {
    maxRetries: 0,
    batchSize: maxLines + 1,
    maxBatchBytes: Number.MAX_SAFE_INTEGER,
    flushInterval: 0,
    gzipThreshold: Number.MAX_SAFE_INTEGER,
    writeFailed: (error) => Promise.reject(error),
  })
  api.path = options.pathFor(precision)
  return api
}

/** InfluxDB 3 (serverless) answers 201 when it kept only some points; the client takes that for success and drops the body. */
function seeingPartialWrites(inner: Transport): Transport {
  return {
    chunkCombiner: inner.chunkCombiner,
    request: (...given) => inner.request(...given),
    iterate: (...given) => inner.iterate(...given),
    send: (path, body, options, callbacks) => {
      let status: number | undefined
      let answer = ''
      inner.send(path, body, options, {
        ...callbacks,
        responseStarted: (headers, code) => {
          status = code
          callbacks?.responseStarted?.(headers, code)
        },
        next: (data) => {
          if (answer.length < 1_000) answer += Buffer.from(data).toString()
          return callbacks?.next?.(data)
        },
        complete: () => {
          if (status === 201) callbacks?.error?.(new HttpError(201, 'Created', answer, null, 'application/json'))
          else callbacks?.complete?.()
        },
      })
    },
  }
}

const refusing: readonly number[] = [201, 400, 413, 422]

/** The points are at fault, and it is InfluxDB that says so: an intermediary's 400 has no words of its kind and is taken as "away". */
function refuses(error: HttpError): boolean {
  return refusing.includes(error.statusCode) && (error.statusCode === 413 || reasonOf(error) !== null)
}

/** 1.x: {"error"}; 2.x: {"code","message"}; 3.x: {"error","data"}. */
function reasonOf({ body }: HttpError): string | null {
  try {
    const said: unknown = JSON.parse(body ?? '')
    if (typeof said !== 'object' || said === null) return null
    const { message, error } = said as { message?: unknown; error?: unknown }
    return typeof message === 'string' ? message : typeof error === 'string' ? error : null
  } catch {
    return null
  }
}

function takesNothing(doing: string, refusal: HttpError): StoreUnavailable {
  const words = `${refusal.statusCode} ${reasonOf(refusal) ?? ''}`.trim()
  const advice = 'nothing is put aside; look at its log and at what stands before it'
  return new StoreUnavailable(`${doing}: it refuses every point (${words}); ${advice}`, { cause: refusal, retryAfterMs: refusedPauseMs })
}

function unavailable(doing: string, cause: unknown): StoreUnavailable {
  if (!(cause instanceof HttpError))
    return new StoreUnavailable(`${doing}: no answer; check that it runs and that influx.url is right`, { cause })
  const { statusCode: status } = cause
  const said = reasonOf(cause) ?? cause.body?.slice(0, 200) ?? ''
  if (status === 401 || status === 403)
    return new StoreUnavailable(`${doing}: it refused the login (${status}); set a valid influx.token or user`, {
      cause,
      unauthorized: true,
    })
  if (status === 404)
    return new StoreUnavailable(`${doing}: it has no such database or bucket (${said}); create it or check influx.*`, { cause })
  const retryAfterMs = cause.retryAfter() > 0 ? cause.retryAfter() * 1_000 : null
  return new StoreUnavailable(`${doing}: it answered ${status} ${said}`.trim(), { cause, retryAfterMs })
}
