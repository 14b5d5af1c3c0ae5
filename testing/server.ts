import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from '@jest/globals'

const program = fileURLToPath(new URL('../bin/gaugekeeper.js', import.meta.url))

/** A served system in a process of its own, on free ports, in a data folder of its own. */
export interface ServedSystem {
  url: string
  mqtt: string
  token: string
  data: string
  pid: number
  /** All it wrote so far. */
  output: () => string
  /** SIGTERM; resolves with the exit code. */
  stop: () => Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill: () => Promise<void>
  get: <Answer>(path: string) => Promise<Answer>
  send: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>
}

export interface ServeOptions {
  /** Data folder of an earlier system; absent = a new temporary one. */
  data?: string
  flags?: readonly string[]
  environment?: Record<string, string>
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'gaugekeeper-'))
}

const started = new Set<ChildProcess>()

// a test that fails half-way leaves no server behind
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
})

/** Starts `gaugekeeper serve --no-demo` and resolves when it is ready. Rejects with its output when it ends before. */
export async function serve(options: ServeOptions = {}): Promise<ServedSystem> {
  const data = options.data ?? temporaryFolder()
  rmSync(path.join(data, 'server.json'), { force: true })
  const flags = ['serve', '--port', '0', '--mqtt-port', '0', '--data', data, ...(options.flags ?? ['--no-demo'])]
  const child = spawn(process.execPath, [program, ...flags], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  started.add(child)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() => started.delete(child))
  await untilReady(child, data, chunks)
  const { url, mqtt } = JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as { url: string; mqtt: string }
  const token = readFileSync(path.join(data, 'cli-token'), 'utf8').trim()
  const send = <Answer>(method: string, place: string, body?: unknown): Promise<Answer> => ask<Answer>(url, token, method, place, body)
  return {
    url,
    mqtt,
    token,
    data,
    pid: child.pid ?? 0,
    output: () => chunks.join(''),
    stop: () => (child.kill('SIGTERM'), ended),
    kill: async () => (child.kill('SIGKILL'), void (await ended)),
    get: (place) => send('GET', place),
    send,
  }
}

async function untilReady(child: ChildProcess, data: string, chunks: readonly string[]): Promise<void> {
  const place = path.join(data, 'server.json')
  await until(() => existsSync(place) || child.exitCode !== null, 60_000)
  if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${chunks.join('')}`)
}

async function ask<Answer>(url: string, token: string, method: string, place: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${url}${place}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as Answer
}

/** Waits for a condition, asking every few milliseconds; rejects when it has not come true in time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000, what = 'the condition'): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
