import type { Collection, Document, DocumentStore } from '../ports/documents.ts'
import type { Live } from './live.ts'
import { shapes } from './schema.ts'
import type { Cell } from './session.ts'

/** Documents of one file, as JSON text by collection and key. */
export function createDocuments(live: Live): DocumentStore {
  const putAll = async (collection: Collection, documents: readonly Document[]): Promise<void> => {
    if (documents.length === 0) return
    const last = [...new Map(documents.map((document) => [document.key, document])).values()]
    const keys = last.map(({ key }) => key)
    const { engine } = await live.opened()
    await engine.transact(`keeping ${documents.length} documents of ${collection}`, async (session) => {
      await session.run('DELETE FROM document WHERE collection = $1 AND key IN (SELECT unnest($2::VARCHAR[]))', [collection, keys])
      const bodies = last.map(({ body }) => JSON.stringify(body ?? null))
      await session.append(shapes.document, [keys.map(() => collection), keys, bodies, last.map(({ updatedAt }) => updatedAt)])
    })
  }
  const read = async <Body>(sql: string, parameters: (string | number | null)[]): Promise<Document<Body>[]> => {
    const { engine } = await live.opened()
    return (await engine.read('reading documents', (session) => session.rows(sql, parameters))).map(documentOf<Body>)
  }
  return {
    put: (collection, key, body, updatedAt) => putAll(collection, [{ key, body, updatedAt }]),
    putAll,
    get: async <Body>(collection: Collection, key: string) =>
      (await read<Body>('SELECT key, body, updated_at FROM document WHERE collection = $1 AND key = $2', [collection, key]))[0] ?? null,
    list: (collection, { after, limit } = {}) =>
      read(
        `SELECT key, body, updated_at FROM document WHERE collection = $1 AND ($2::VARCHAR IS NULL OR key > $2)
         ORDER BY key LIMIT coalesce($3::BIGINT, 9223372036854775807)`,
        [collection, after ?? null, limit ?? null],
      ),
    remove: async (collection, key) => {
      const { engine } = await live.opened()
      const sql = 'DELETE FROM document WHERE collection = $1 AND key = $2'
      const { rowsChanged } = await engine.transact(`removing ${key} of ${collection}`, (session) => session.run(sql, [collection, key]))
      return rowsChanged > 0
    },
    removeAfter: async (collection, key) => {
      const { engine } = await live.opened()
      const sql = 'DELETE FROM document WHERE collection = $1 AND key > $2'
      const what = `removing what comes after ${key} of ${collection}`
      return (await engine.transact(what, (session) => session.run(sql, [collection, key]))).rowsChanged
    },
  }
}

function documentOf<Body>([key, body, updatedAt]: Cell[]): Document<Body> {
  return { key: String(key), body: JSON.parse(String(body)) as Body, updatedAt: Number(updatedAt) }
}
