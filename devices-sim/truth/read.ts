import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { Compile } from 'typebox/compile'
import { TruthUnreadable } from '../errors.ts'
import {
  crossingSchema,
  endSchema,
  eventSchema,
  faultSchema,
  headerSchema,
  readingSchema,
  type TruthEnd,
  type TruthEntry,
  type TruthHeader,
} from './truth.ts'

const checks = {
  header: Compile(headerSchema),
  event: Compile(eventSchema),
  crossing: Compile(crossingSchema),
  fault: Compile(faultSchema),
  reading: Compile(readingSchema),
  end: Compile(endSchema),
}

/** A truth file that is open; its entries can be read once. */
export interface Truth {
  header: TruthHeader
  /** All lines between the header and the end, as they stand. Throws TruthUnreadable at a wrong line, where the file is cut, and at the end of one that was stopped. */
  entries: AsyncGenerator<TruthEntry, void>
}

/** Opens a truth file (`.gz` is uncompressed) and reads its header. Throws TruthUnreadable when it is none. */
export async function openTruth(file: string): Promise<Truth> {
  const lines = linesOf(file)
  const first = await lines.next()
  if (first.done || first.value.kind !== 'header') throw new TruthUnreadable(file, 1, 'the header is not there')
  return { header: first.value, entries: entriesOf(file, lines) }
}

type Line = TruthHeader | TruthEntry | TruthEnd

async function* entriesOf(file: string, lines: AsyncGenerator<Line>): AsyncGenerator<TruthEntry, void> {
  const counts: TruthEnd = { kind: 'end', events: 0, crossings: 0, faults: 0, readings: 0 }
  let number = 1
  for await (const line of lines) {
    number += 1
    if (line.kind === 'header') throw new TruthUnreadable(file, number, 'a second header')
    if (line.kind === 'end') {
      const { stoppedAt, ...counted } = line
      if (JSON.stringify(counted) !== JSON.stringify(counts))
        throw new TruthUnreadable(file, number, 'it counts other lines than there are')
      if (stoppedAt !== undefined) throw new TruthUnreadable(file, number, stopped(stoppedAt))
      return
    }
    counts[`${line.kind}s`] += 1
    yield line
  }
  throw new TruthUnreadable(file, number, 'the file is cut: its last line is not there')
}

const stopped = (at: number): string =>
  `the simulation was stopped at ${new Date(at).toISOString()}, and what went on then has no end here: nothing can be held against it; run it to its end`

async function* linesOf(file: string): AsyncGenerator<Line> {
  const source = createReadStream(file)
  const text = file.endsWith('.gz') ? source.pipe(createGunzip()) : source
  source.on('error', (error) => text.destroy(error))
  let number = 0
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Infinity })) yield lineOf(line, file, (number += 1))
  } catch (cause) {
    throw cause instanceof TruthUnreadable ? cause : new TruthUnreadable(file, number + 1, String(cause), { cause })
  } finally {
    source.destroy()
  }
}

function lineOf(text: string, file: string, number: number): Line {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TruthUnreadable(file, number, 'it is no JSON', { cause })
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : null
  for (const [name, check] of Object.entries(checks)) if (name === kind && check.Check(value)) return value
  throw new TruthUnreadable(file, number, `it is no ${typeof kind === 'string' && kind in checks ? kind : 'line of a truth file'}`)
}
