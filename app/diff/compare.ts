/** What stands at a key in one of two places, or in both but not alike. */
export interface Difference<Item> {
  a: Item | null
  b: Item | null
}

/**
 * Walks two ordered streams side by side and yields where they differ: an item that only one of them has, or one that both have under the
 * same key but not alike. Never holds more than one item of each.
 * @param order below 0 when the first comes before the second, 0 for the same key
 */
export async function* differences<Item>(
  a: AsyncIterable<Item>,
  b: AsyncIterable<Item>,
  { order, isAlike }: { order: (a: Item, b: Item) => number; isAlike: (a: Item, b: Item) => boolean },
): AsyncGenerator<Difference<Item>> {
  const [left, right] = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()]
  let [one, other] = await Promise.all([left.next(), right.next()])
  while (!one.done || !other.done) {
    const first = one.done ? 1 : other.done ? -1 : order(one.value, other.value)
    if (first < 0 && !one.done) yield { a: one.value, b: null }
    else if (first > 0 && !other.done) yield { a: null, b: other.value }
    else if (!one.done && !other.done && !isAlike(one.value, other.value)) yield { a: one.value, b: other.value }
    if (first <= 0) one = await left.next()
    if (first >= 0) other = await right.next()
  }
}
