import type { Collection, Document, DocumentStore } from '../ports/documents.ts'

export function createMemoryDocuments(): DocumentStore {
  const kept = new Map<Collection, Map<string, { text: string; updatedAt: number }>>()
  const collectionOf = (collection: Collection): Map<string, { text: string; updatedAt: number }> => {
    const known = kept.get(collection) ?? new Map<string, { text: string; updatedAt: number }>()
    kept.set(collection, known)
    return known
  }
  const read = <Body>(collection: Collection, key: string): Document<Body> | null => {
    const found = collectionOf(collection).get(key)
    return found ? { key, body: JSON.parse(found.text) as Body, updatedAt: found.updatedAt } : null
  }
  const put = (collection: Collection, { key, body, updatedAt }: Document): void =>
    void collectionOf(collection).set(key, { text: JSON.stringify(body ?? null), updatedAt })
  return {
    put: async (collection, key, body, updatedAt) => put(collection, { key, body, updatedAt }),
    putAll: async (collection, documents) => documents.forEach((document) => put(collection, document)),
    get: async (collection, key) => read(collection, key),
    list: async (collection, { after, limit } = {}) =>
      [...collectionOf(collection).keys()]
        .filter((key) => after === undefined || key > after)
        .sort()
        .slice(0, limit)
        .flatMap((key) => read(collection, key) ?? []),
    remove: async (collection, key) => collectionOf(collection).delete(key),
    removeAfter: async (collection, key) => {
      const kept = collectionOf(collection)
      const after = [...kept.keys()].filter((one) => one > key)
      for (const one of after) kept.delete(one)
      return after.length
    },
  }
}
