import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { gaugekeeper } from '../../testing/command.ts'
import { temporaryFolder } from '../../testing/server.ts'
import { writeServerFile } from '../server-file.ts'

/* The command against a server that has 2,500 entries and answers no more than 1,000 of them at a time. */

const all = 2_500
const asked: URLSearchParams[] = []
const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://x').searchParams
  asked.push(query)
  const first = Number(query.get('cursor') ?? 0)
  const last = Math.min(all, first + Math.min(1_000, Number(query.get('limit'))))
  const entries = Array.from({ length: last - first }, (_, i) => ({
    ...{ id: String(first + i), at: 0, until: 0, count: 1, action: 'addUser', outcome: 'done', who: 'admin', address: null },
    ...{ target: `u-${first + i}`, reason: null, detail: 'a\nb' },
  }))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ entries, next: last < all ? String(last) : null }))
})
const data = temporaryFolder()

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  writeServerFile(data, { url, mqtt: '', secure: null, field: {}, pid: process.pid, cliToken: 'token' })
})
afterAll(() => void server.close())

const audit = (...flags: string[]) => gaugekeeper('audit', '--data', data, ...flags)

test('more entries than a page has are fetched page by page, and where they end is told', async () => {
  const { stdout, stderr } = await audit('--limit', '2200')
  const lines = stdout.trimEnd().split('\n')
  expect([lines.length, lines[0], lines.at(-1)?.includes('u-2199')]).toEqual([
    ...[2_200, '1970-01-01T00:00:00.000Z  done  addUser  u-0  by admin  from here  a?b', true],
  ])
  expect(stderr).toContain('--cursor 2200')
  const rest = await audit('--limit', '2200', '--cursor', '2200', '--json')
  expect((JSON.parse(rest.stdout) as { target: string }[]).map(({ target }) => target)).toHaveLength(300)
  expect(rest.stderr).toBe('')
})

test('what is asked for is asked of the server, with every page', async () => {
  asked.length = 0
  const flags = ['--from', '2026-03-01T08:00:00+08:00', '--to', '2026-03-02T00:00:00Z', '--who', 'key grafana', '--outcome', 'refused']
  await audit(...flags, '--action', 'a', '--target', 't', '--address', '::1', '--reason', 'r', '--limit', '1500')
  const filter = { from: '1772323200000', to: '1772409600000', who: 'key grafana', outcome: 'refused', action: 'a', target: 't' }
  expect(asked.map((query) => Object.fromEntries(query))).toEqual([
    { ...filter, address: '::1', reason: 'r', limit: '1000' },
    { ...filter, address: '::1', reason: 'r', limit: '500', cursor: '1000' },
  ])
})

test('a time without its offset, another outcome and no number are refused before anything is asked', async () => {
  for (const flags of [
    ['--from', '2026-03-01T08:00:00'],
    ['--outcome', 'failed'],
    ['--limit', '0'],
  ])
    expect(await audit(...flags)).toMatchObject({ code: 2, stdout: '' })
})
