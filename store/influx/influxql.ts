import { StoreRefused, StoreUnavailable } from '../errors.ts'

/** One row of an answer: time first, then the columns asked for. */
export type Row = (string | number | boolean | null)[]

/** One series of an answer. */
export interface ResultSeries {
  name: string
  tags: Readonly<Record<string, string>>
  columns: readonly string[]
  rows: Row[]
}

export interface InfluxQlOptions {
  url: string
  database: string
  headers: Readonly<Record<string, string>>
  timeoutMs: number
}

/** InfluxQL over `/query`, which InfluxDB 1.x, 2.x (with a DBRP mapping) and 3.x answer. */
export interface InfluxQl {
  /**
   * Runs statements in one request and gives each one's series, in order. Times are epoch ms. Rejects with StoreUnavailable (may be
   * retried) or StoreRefused (will not help).
   */
  ask(statements: readonly string[]): Promise<ResultSeries[][]>
}

interface Answer {
  error?: string
  results?: {
    statement_id: number
    error?: string
    series?: { name?: string; tags?: Record<string, string>; columns: string[]; values?: Row[] }[]
  }[]
}

// A server holds an unchunked answer whole in memory, both ends do; a chunk is one line of JSON.
const rowsPerChunk = 10_000

export function createInfluxQl({ url, database, headers, timeoutMs }: InfluxQlOptions): InfluxQl {
  const address = new URL(`${url.replace(/\/+$/, '')}/query`)
  address.search = new URLSearchParams({ db: database, epoch: 'ms', chunked: 'true', chunk_size: String(rowsPerChunk) }).toString()
  const doing = `querying InfluxDB at ${address.origin}, database "${database}"`
  return {
    ask: async (statements) => {
      if (statements.length === 0) return []
      const answers = statements.map((): ResultSeries[] => [])
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers,
          body: new URLSearchParams({ q: statements.join(';') }),
          signal: AbortSignal.timeout(timeoutMs),
        })
        if (!response.ok) throw await refusal(response, doing)
        for await (const text of linesOf(response)) take(JSON.parse(text) as Answer, answers, doing)
        return answers
      } catch (cause) {
        if (cause instanceof StoreUnavailable || cause instanceof StoreRefused) throw cause
        throw new StoreUnavailable(`${doing}: no answer; check that it runs and that influx.url is right`, { cause })
      }
    },
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  // pieces of a line that has not ended: a line of 10,000 rows comes in some fifty, which are joined once
  let waiting: string[] = []
  if (response.body) {
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const [first = '', ...others] = piece.split('\n')
      waiting.push(first)
      if (others.length === 0) continue
      const lines = [waiting.join(''), ...others.slice(0, -1)]
      waiting = others.slice(-1)
      for (const line of lines) if (line.trim() !== '') yield line
    }
  }
  const last = waiting.join('')
  if (last.trim() !== '') yield last
}

function take(answer: Answer, answers: readonly ResultSeries[][], doing: string): void {
  if (answer.error !== undefined) throw new StoreUnavailable(`${doing}: it answered "${answer.error}"`)
  for (const result of answer.results ?? []) {
    if (result.error !== undefined) throw new StoreUnavailable(`${doing}: it answered "${result.error}"`)
    const series = answers[result.statement_id]
    for (const { name = '', tags = {}, columns, values = [] } of result.series ?? []) {
      const last = series?.at(-1)
      if (last && last.name === name && sameTags(last.tags, tags)) for (const row of values) last.rows.push(row)
      else series?.push({ name, tags, columns, rows: values })
    }
  }
}

function sameTags(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

async function refusal(response: Response, doing: string): Promise<Error> {
  const body = (await response.text()).slice(0, 500)
  if (response.status === 401 || response.status === 403)
    return new StoreUnavailable(`${doing}: it refused the login (${response.status}); set a valid influx.token or user`, {
      unauthorized: true,
    })
  if (response.status === 400) return new StoreRefused(`${doing}: it refused the query as wrong: ${body}`)
  return new StoreUnavailable(`${doing}: it answered ${response.status}: ${body}`)
}

/** A name in double quotes. */
export const quoteName = (name: string): string => `"${name.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`

/** A text in single quotes. */
export const quoteText = (text: string): string => `'${text.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`

/** A regular expression that matches exactly one of the texts, for a tag condition. */
export function oneOf(texts: Iterable<string>): string {
  const escaped = [...texts].map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  return `/^(?:${escaped.join('|')})$/`
}
