import { expect, test } from '@jest/globals'
import { StoreUnavailable } from '../errors.ts'
import { createTurns } from './turns.ts'

/** Work that ends when it is told to. */
function work(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const run = async (): Promise<string> => {
    log.push(`${name} begins`)
    await ended
    log.push(`${name} ends`)
    return name
  }
  return { run, end }
}

test('work is done in the order it came, one piece a worker', async () => {
  const log: string[] = []
  const turns = createTurns(['w'], 10)
  const [a, b] = [work(log, 'a'), work(log, 'b')]
  const both = [turns.take('a', a.run), turns.take('b', b.run)]
  b.end()
  a.end()
  expect(await Promise.all(both)).toEqual(['a', 'b'])
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('a failure is the asker’s own, and the next one has its turn', async () => {
  const turns = createTurns(['w'], 10)
  await expect(turns.take('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  await expect(turns.take('b', async (worker) => worker)).resolves.toBe('w')
})

test('when too many wait, the next is refused at once', async () => {
  const turns = createTurns(['w'], 1)
  const a = work([], 'a')
  const [first, second] = [turns.take('a', a.run), turns.take('b', async () => 'b')]
  await expect(turns.take('c', async () => 'c')).rejects.toThrow(StoreUnavailable)
  a.end()
  expect(await Promise.all([first, second])).toEqual(['a', 'b'])
})

test('closing lets what has begun end and refuses the rest', async () => {
  const turns = createTurns(['w'], 10)
  const a = work([], 'a')
  const first = turns.take('a', a.run)
  const second = expect(turns.take('b', async () => 'b')).rejects.toThrow(StoreUnavailable)
  const closed = turns.close()
  a.end()
  expect(await first).toBe('a')
  await second
  expect(await closed).toEqual(['w'])
  await expect(turns.take('c', async () => 'c')).rejects.toThrow(StoreUnavailable)
})
