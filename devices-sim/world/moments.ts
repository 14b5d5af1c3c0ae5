/** A prime: moments at equal distances, as they come, each find a place of their own. */
const remembered = 1021

/**
 * What is the same everywhere at a moment, made once for all places: one after the other is asked for the same moments, and as many as come in a
 * day are remembered.
 */
export function atMoments<Made extends { at: number }>(make: (at: number) => Made): (at: number) => Made {
  const known: (Made | undefined)[] = Array.from({ length: remembered })
  return (at) => {
    const place = ((at / 1000) >>> 0) % remembered
    const found = known[place]
    return found?.at === at ? found : (known[place] = make(at))
  }
}
