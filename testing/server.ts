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
  /** What stands before node, e.g. strace and its arguments. */
  command?: readonly string[]
  /** Kills it without warning so many ms after it was begun: `serve` then rejects. */
  killAfterMs?: number
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
  const free = ['--port', '0', '--mqtt-port', '0', '--set', 'gateways.hj212.port=0', '--set', 'gateways.sl651.port=0']
  const flags = ['serve', ...free, '--data', data, ...(options.flags ?? ['--no-demo'])]
  const [command = process.execPath, ...before] = [...(options.command ?? []), process.execPath]
  const child = spawn(command, [...before, program, ...flags], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  started.add(child)
  if (options.killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), options.killAfterMs)
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() => started.delete(child))
  await untilReady(child, data, chunks)
  const address = readFileSync(path.join(data, 'server.json'), 'utf8')
  const { url, mqtt, pid } = JSON.parse(address) as { url: string; mqtt: string; pid: number }
  const token = readFileSync(path.join(data, 'cli-token'), 'utf8').trim()
  const send = <Answer>(method: string, place: string, body?: unknown): Promise<Answer> => ask<Answer>(url, token, method, place, body)
  return {
    url,
    mqtt,
    token,
    data,
    pid,
    output: () => chunks.join(''),
    stop: () => (process.kill(pid, 'SIGTERM'), ended),
    kill: async () => (process.kill(pid, 'SIGKILL'), void (await ended)),
    get: (place) => send('GET', place),
    send,
  }
}

async function untilReady(child: ChildProcess, data: string, chunks: readonly string[]): Promise<void> {
  const place = path.join(data, 'server.json')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  await until(() => existsSync(place) || hasEnded(), 60_000)
  if (hasEnded()) throw new Error(`serve ended with ${child.exitCode ?? child.signalCode}: ${chunks.join('')}`)
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

/** One figure of `/metrics`, of a label's value when one is given; NaN when it is not there. */
export async function metric(system: ServedSystem, name: string, label?: string): Promise<number> {
  const text = await (await fetch(`${system.url}/metrics`, { headers: { authorization: `Bearer ${system.token}` } })).text()
  const line = text.split('\n').find((one) => one.startsWith(label === undefined ? `${name} ` : `${name}{`) && one.includes(label ?? ''))
  return Number(line?.slice(line.lastIndexOf(' ')) ?? NaN)
}

/** Values of all devices by what became of them. */
export interface Totals {
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
}

export async function totalsOf(system: ServedSystem): Promise<Totals> {
  const { totals } = await system.get<{ totals: Totals }>('/api/v1/devices')
  return totals
}

/** Resolves when everything that was acknowledged has been stored or put aside. */
export function untilCarried(system: ServedSystem, timeoutMs: number): Promise<void> {
  const waiting = async (): Promise<number> =>
    (await metric(system, 'gaugekeeper_ingest_backlog')) + (await metric(system, 'gaugekeeper_ingest_deferred'))
  return until(async () => (await waiting()) === 0, timeoutMs, 'the journal being carried')
}

/** Resident memory of a process, bytes. Linux only. */
export const residentBytes = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN)
