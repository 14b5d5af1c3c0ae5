import type { FileProblem } from './errors.ts'

/** Mistakes of one file, up to a bound: beyond it nothing is worked out any more, the list only says that there are more. */
export interface Problems {
  /** The message is made only when it is kept: looking for the nearest name costs. */
  add(path: string, message: () => string): void
  readonly list: readonly FileProblem[]
}

const most = 200

export function collectProblems(first: readonly FileProblem[] = []): Problems {
  const list = first.slice(0, most)
  let isFull = false
  return {
    list,
    add(path, message) {
      if (list.length < most) list.push({ path, message: message() })
      else if (!isFull) {
        isFull = true
        list.push({ path: 'file', message: `there are more mistakes; these are the first ${most}` })
      }
    },
  }
}
