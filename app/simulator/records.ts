import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import { nothingYet } from './playing.ts'

/** What is kept of simulations: in a folder a record of each, beside its truth. */
export interface SimulationRecords {
  /** Newest first, without their scores. */
  notes(): SimulationNote[]
  /** Null when there is none. */
  read(run: string): Promise<SimulationDetail | null>
  /** Resolves when it is written, whole. */
  put(detail: SimulationDetail): Promise<void>
  /** Takes the record and the truth away. */
  remove(run: string): Promise<void>
  truthFile(run: string): string
  /** Whether the folder has a record or a truth of that name. */
  has(run: string): boolean
}

/** Opens the folder, which is made when it is not there. Records that cannot be read are told and left alone. */
export function openRecords(folder: string, onTrouble: (doing: string, error: unknown) => void): SimulationRecords {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (run: string): string => path.join(folder, `${run}.json`)
  const truthFile = (run: string): string => path.join(folder, `${run}.jsonl.gz`)
  const notes = new Map(notesIn(folder, onTrouble).map((note) => [note.run, note]))
  let last: Promise<unknown> = Promise.resolve()
  return {
    notes: () => [...notes.values()].sort((a, b) => b.startedAt - a.startedAt),
    async read(run) {
      if (!notes.has(run)) return null
      await last.catch(() => undefined)
      return readDetail(await readFile(fileOf(run), 'utf8'))
    },
    async put(detail) {
      const { run } = detail.simulation
      notes.set(run, detail.simulation)
      const written = last.catch(() => undefined).then(() => replace(fileOf(run), JSON.stringify(detail)))
      last = written
      await written
    },
    async remove(run) {
      notes.delete(run)
      await last.catch(() => undefined)
      for (const file of [fileOf(run), truthFile(run)]) await rm(file, { force: true })
    },
    truthFile,
    has: (run) => notes.has(run) || existsSync(truthFile(run)),
  }
}

/** Of an earlier version, a record lacks what was not told then. */
function readDetail(text: string): SimulationDetail {
  const detail = JSON.parse(text) as SimulationDetail
  const { simulation } = detail
  const progress = { ...simulation.progress, acknowledged: simulation.progress.acknowledged ?? simulation.progress.values }
  return { ...nothingYet, ...detail, simulation: { ...simulation, kind: simulation.kind ?? 'scenario', progress } }
}

async function replace(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

function notesIn(folder: string, onTrouble: (doing: string, error: unknown) => void): SimulationNote[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        return [readDetail(readFileSync(path.join(folder, name), 'utf8')).simulation]
      } catch (error) {
        onTrouble(`reading the record of a simulation, ${name}`, error)
        return []
      }
    })
}
