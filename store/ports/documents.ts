/** The small things of the control side, by collection and key: users, keys, devices, runs, networks, sessions, checkpoints, the outbox. */
export const collections = [
  'user',
  'key',
  'device',
  'credential',
  'certificate',
  'run',
  'removed-run',
  'network',
  'session',
  'checkpoint',
  'outbox',
  'audit',
  'tally',
  'gap',
  'setting',
] as const
export type Collection = (typeof collections)[number]

export interface Document<Body = unknown> {
  key: string
  body: Body
  updatedAt: number
}

export interface DocumentStore {
  put(collection: Collection, key: string, body: unknown, updatedAt: number): Promise<void>
  /** Several at once, one transaction. */
  putAll(collection: Collection, documents: readonly Document[]): Promise<void>
  get<Body>(collection: Collection, key: string): Promise<Document<Body> | null>
  /** All of a collection by key order; `after` and `limit` page through it. */
  list<Body>(collection: Collection, page?: { after?: string; limit?: number }): Promise<Document<Body>[]>
  remove(collection: Collection, key: string): Promise<boolean>
  /** Removes all whose key comes after `key`; returns how many. */
  removeAfter(collection: Collection, key: string): Promise<number>
}
