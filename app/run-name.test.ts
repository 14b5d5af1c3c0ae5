import { expect, test } from '@jest/globals'
import type { ApiClient } from './commands/client.ts'
import { freeName, nameOfRun } from './run-name.ts'

/** A server that has these runs, and had those. */
function server(there: string[], removed: string[]): { client: Pick<ApiClient, 'get' | 'send'>; taken: string[]; told: string[] } {
  const taken: string[] = []
  const client = {
    get: async () => ({ runs: there.map((run) => ({ run })), removed }),
    send: async (method: string, address: string) => void taken.push(`${method} ${address}`),
  }
  return { client: client as unknown as Pick<ApiClient, 'get' | 'send'>, taken, told: [] }
}

test('a name that nothing has is taken as it is, the next number behind one that was used', () => {
  expect(freeName('storm', () => false)).toBe('storm')
  expect(freeName('storm', (name) => ['storm', 'storm-2'].includes(name))).toBe('storm-3')
})

test('a run that is there is removed when it is asked for, and its name is not given again', async () => {
  const { client, taken, told } = server(['storm'], [])
  await expect(nameOfRun(client, 'storm', { tell: () => undefined })).rejects.toThrow('--again removes the earlier one first')
  expect(taken).toEqual([])
  expect(await nameOfRun(client, 'storm', { again: true, tell: (line) => void told.push(line) })).toBe('storm-2')
  expect(taken).toEqual(['DELETE /api/v1/runs/storm'])
  expect(told).toEqual(['a run storm was here before, and a name is used once: this one is storm-2'])
})

test('a run that was removed keeps its name', async () => {
  const { client, taken } = server(['flood'], ['storm', 'storm-2'])
  expect(await nameOfRun(client, 'storm', { tell: () => undefined })).toBe('storm-3')
  expect(await nameOfRun(client, 'drought', { tell: () => undefined })).toBe('drought')
  expect(taken).toEqual([])
})
