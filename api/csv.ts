import type { FastifyReply } from 'fastify'
import type { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'

export type CsvCell = string | number | null

/**
 * Rows as CSV (RFC 4180: CRLF, quotes doubled), UTF-8. Text that a spreadsheet would take for a formula (= + - @, tab, return at its
 * beginning) gets an apostrophe before it; numbers stay numbers. null is empty.
 */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  return stringify(rows as CsvCell[][], { record_delimiter: 'windows', escape_formulas: true })
}

/** A moment as CSV says it: ISO 8601, UTC, milliseconds. */
export const csvMoment = (at: number): string => new Date(at).toISOString()

/** Answers with a CSV file of that name. */
export function sendCsv(reply: FastifyReply, name: string, content: string | Readable): FastifyReply {
  const type = reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}.csv"`)
  return type.send(content)
}
