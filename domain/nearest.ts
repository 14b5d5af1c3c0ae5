/** Longest text that is compared; anything longer is a mistake no neighbour explains. */
const longest = 80

/**
 * The candidate that somebody most likely meant: the shortest one that holds the text as a part (from 3 letters or 2 Chinese
 * characters), else the one with the smallest edit distance (insert, delete, replace, swap of neighbours) within a third of the length,
 * at least 2 (1 below 4 letters). Case does not count. Null when nothing is near. The first of equals wins, so the answer is stable.
 * @example nearest('watr_level', ['water_level', 'water_depth']) // 'water_level'
 */
export function nearest(text: string, candidates: Iterable<string>): string | null {
  const wanted = text.trim().toLowerCase()
  if (wanted === '' || wanted.length > longest) return null
  const bound = Math.max(wanted.length < 4 ? 1 : 2, Math.floor(wanted.length / 3))
  const isTelling = wanted.length >= (/\p{Script=Han}/u.test(wanted) ? 2 : 3)
  let best: string | null = null
  let bestDistance = bound + 1
  let holder: string | null = null
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    const distance = editDistance(wanted, other, bestDistance)
    if (distance < bestDistance && distance < other.length) [best, bestDistance] = [candidate, distance]
    if (isTelling && other.includes(wanted) && (holder === null || candidate.length < holder.length)) holder = candidate
  }
  return holder ?? best
}

/** `did you mean X?` with a space before it, or nothing. For the end of a message. */
export function hint(text: string, candidates: Iterable<string>): string {
  const found = nearest(text, candidates)
  return found === null ? '' : `; did you mean ${found}?`
}

/** Optimal string alignment distance of two texts; stops at `bound` and returns it when the distance is that or more. */
export function editDistance(a: string, b: string, bound = Infinity): number {
  if (Math.abs(a.length - b.length) >= bound) return bound
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    if (Math.min(...current) >= bound) return bound
    ;[beforeLast, last] = [last, current]
  }
  return Math.min(at(last, b.length), bound)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity
