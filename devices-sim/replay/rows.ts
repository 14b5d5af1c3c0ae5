import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import { RecordUnreadable } from '../errors.ts'
import { ucumOf } from '../../domain/units.ts'
import { parseInstant } from '../../domain/time.ts'

/** One line of a recorded series, as its file has it. */
export interface RecordedRow {
  /** Epoch ms; null when the text is no time (it is sent as it is, so that the server says why not). */
  at: number | null
  timeText: string
  station: string
  parameter: string
  /** null = the source has no value; a text that is no number stays a text, so that the server says why not. */
  value: number | string | null
  /** UCUM code; null when the file names no unit. */
  unit: string | null
}

const needed = ['time', 'station', 'parameter', 'value'] as const

/**
 * The files of a folder (or the one file) that hold readings: `*.csv` or `*.csv.gz` with the columns time, station, parameter and value.
 * Rejects with RecordUnreadable.
 */
export async function recordedFiles(place: string): Promise<string[]> {
  const isFolder = (await stat(place)).isDirectory()
  const names = isFolder ? (await readdir(place)).filter((name) => /\.csv(\.gz)?$/.test(name)).sort() : []
  const files = isFolder ? names.map((name) => path.join(place, name)) : [place]
  const readable = await Promise.all(files.map(async (file) => ((await hasReadings(file)) ? [file] : [])))
  return readable.flat()
}

/** Whether a file has the columns, and a row. */
async function hasReadings(file: string): Promise<boolean> {
  for await (const record of records(file, { to: 1 })) return needed.every((column) => column in record)
  return false
}

/** Rows of several files as one stream in time order (each file is in time order by itself). A row without a readable time keeps its place. */
export async function* recordedRows(files: readonly string[]): AsyncGenerator<RecordedRow> {
  const streams = files.map((file) => rowsOf(file))
  const heads = await Promise.all(streams.map((stream) => stream.next()))
  for (;;) {
    let first = -1
    for (const [i, head] of heads.entries()) if (!head.done && (first < 0 || timeOf(head.value) < timeOf(heads[first]?.value))) first = i
    const head = heads[first]
    const stream = streams[first]
    if (!head || head.done || !stream) return
    yield head.value
    heads[first] = await stream.next()
  }
}

const timeOf = (row: RecordedRow | undefined | void): number => row?.at ?? 0

async function* rowsOf(file: string): AsyncGenerator<RecordedRow> {
  const units = new Map<string, string>()
  for await (const record of records(file, {})) {
    const timeText = record.time ?? ''
    yield {
      at: parseInstant(timeText).at ?? null,
      timeText,
      station: record.station ?? '',
      parameter: record.parameter ?? '',
      value: valueOf((record.value ?? '').trim()),
      unit: unitOf(record.unit ?? '', units),
    }
  }
}

function valueOf(text: string): number | string | null {
  if (text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

/** A file has few units in many rows. */
function unitOf(text: string, known: Map<string, string>): string | null {
  if (text === '') return null
  const unit = known.get(text) ?? ucumOf(text)
  known.set(text, unit)
  return unit
}

async function* records(file: string, limits: { to?: number }): AsyncGenerator<Record<string, string>> {
  const source = createReadStream(file)
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  const parser = text.pipe(parse({ columns: true, bom: true, skip_empty_lines: true, relax_column_count: true, ...limits }))
  const fail = (error: Error): void => void parser.destroy(error)
  source.on('error', fail)
  text.on('error', fail)
  try {
    for await (const record of parser) yield record as Record<string, string>
  } catch (cause) {
    throw cause instanceof Error ? new RecordUnreadable(file, cause) : cause
  } finally {
    source.destroy()
  }
}
