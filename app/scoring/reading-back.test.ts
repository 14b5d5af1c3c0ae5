import { expect, test } from '@jest/globals'
import { whenReadBack } from './reading-back.ts'

async function asked(answers: (asked: number) => boolean): Promise<{ asked: number; said: string[] }> {
  let count = 0
  const said: string[] = []
  const get = async <Answer>(): Promise<Answer> => ({ gaps: [], readingBack: answers((count += 1)) }) as Answer
  await whenReadBack({ get }, { say: (line) => said.push(line), pause: async () => undefined })
  return { asked: count, said }
}

test('a server that reads back is waited for, and that is said once', async () => {
  expect(await asked(() => false)).toEqual({ asked: 1, said: [] })
  expect(await asked((count) => count < 4)).toEqual({ asked: 4, said: [expect.stringContaining('waiting for its gaps')] })
})

test('the wait has an end, and it is said what is missing then', async () => {
  const { asked: count, said } = await asked(() => true)
  expect([count, said.length]).toEqual([600, 2])
  expect(said[1]).toContain('scored as not found')
})
