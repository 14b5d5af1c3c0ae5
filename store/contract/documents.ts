import { describe, expect, test } from '@jest/globals'
import type { DocumentStore } from '../ports/documents.ts'
import { start } from '../testing/rows.ts'
import { opener } from './opened.ts'

export interface WithDocuments {
  documents: DocumentStore
  close(): Promise<void>
}

export function describeDocuments(name: string, openOne: () => Promise<WithDocuments>): void {
  const open = opener(openOne)

  describe(`${name}: documents`, () => {
    test('a document comes back as it was put, and putting again replaces it', async () => {
      const { documents } = await open()
      const body = { name: '管理员', list: [1, null, { deep: 'it\'s "so"' }], on: true }
      expect(await documents.get('user', 'admin')).toBeNull()
      await documents.put('user', 'admin', body, start)
      expect(await documents.get('user', 'admin')).toEqual({ key: 'admin', body, updatedAt: start })
      await documents.put('user', 'admin', null, start + 1)
      expect(await documents.get('user', 'admin')).toEqual({ key: 'admin', body: null, updatedAt: start + 1 })
      expect(await documents.get('session', 'admin')).toBeNull()
    })

    test('what was put does not change with the object it was made of', async () => {
      const { documents } = await open()
      const body = { count: 1 }
      await documents.put('setting', 's', body, start)
      body.count = 2
      expect((await documents.get('setting', 's'))?.body).toEqual({ count: 1 })
    })

    test('a collection is listed by key, page by page, and nothing else with it', async () => {
      const { documents } = await open()
      await documents.putAll(
        'outbox',
        ['c', 'a', '__proto__', 'b'].map((key) => ({ key, body: key, updatedAt: start })),
      )
      await documents.putAll('outbox', [])
      await documents.put('audit', 'z', {}, start)
      const keys = async (page?: { after?: string; limit?: number }): Promise<string[]> =>
        (await documents.list('outbox', page)).map(({ key }) => key)
      expect(await keys()).toEqual(['__proto__', 'a', 'b', 'c'])
      expect(await keys({ limit: 2 })).toEqual(['__proto__', 'a'])
      expect(await keys({ after: 'a', limit: 1 })).toEqual(['b'])
      expect(await keys({ after: 'c' })).toEqual([])
    })

    test('removing tells whether it was there', async () => {
      const { documents } = await open()
      await documents.putAll('run', [
        { key: 'a', body: 1, updatedAt: start },
        { key: 'b', body: 2, updatedAt: start },
      ])
      expect(await documents.remove('run', 'a')).toBe(true)
      expect(await documents.remove('run', 'a')).toBe(false)
      expect(await documents.remove('setting', 'b')).toBe(false)
      expect((await documents.list('run')).map(({ key }) => key)).toEqual(['b'])
    })
  })

  describeMany(name, open)
}

function describeMany(name: string, open: () => Promise<WithDocuments>): void {
  describe(`${name}: many documents`, () => {
    test('what comes after a key is removed at once, in its collection only', async () => {
      const { documents } = await open()
      for (const collection of ['audit', 'tally'] as const)
        await documents.putAll(
          collection,
          ['a', 'b', 'c'].map((key) => ({ key, body: key, updatedAt: start })),
        )
      expect(await documents.removeAfter('audit', 'a')).toBe(2)
      expect(await documents.removeAfter('audit', 'a')).toBe(0)
      expect((await documents.list('audit')).map(({ key }) => key)).toEqual(['a'])
      expect(await documents.list('tally')).toHaveLength(3)
    })

    test('the last of several with one key in one call stays', async () => {
      const { documents } = await open()
      await documents.putAll('checkpoint', [
        { key: 'a', body: 1, updatedAt: start },
        { key: 'a', body: 2, updatedAt: start + 1 },
      ])
      expect(await documents.list('checkpoint')).toEqual([{ key: 'a', body: 2, updatedAt: start + 1 }])
    })
  })
}
