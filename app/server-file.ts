import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Where the running server of a data folder is, and the token with which this machine's CLI speaks to it. */
export interface ServerFile {
  url: string
  mqtt: string
  /** Addresses over TLS; null when nothing listens for it. */
  secure: { mqtts: string; https: string } | null
  /** Field protocol -> address and port that its stations connect to. */
  field: Readonly<Record<string, string>>
  pid: number
  /** Bearer token of the CLI; lives in a file of its own, mode 0600. */
  cliToken: string
}

const addressFile = (data: string): string => path.join(data, 'server.json')
const tokenFile = (data: string): string => path.join(data, 'cli-token')

/** Appears whole, under its name: who waits for it never reads half of it. */
export function writeServerFile(data: string, { cliToken, ...address }: ServerFile): void {
  writeSecret(tokenFile(data), cliToken)
  const draft = `${addressFile(data)}.new`
  writeFileSync(draft, `${JSON.stringify(address, null, 2)}\n`)
  renameSync(draft, addressFile(data))
}

/** Null when no server has this folder open (or it went without taking its file away). */
export function readServerFile(data: string): ServerFile | null {
  if (!existsSync(addressFile(data)) || !existsSync(tokenFile(data))) return null
  const address = JSON.parse(readFileSync(addressFile(data), 'utf8')) as Omit<ServerFile, 'cliToken'>
  return isRunning(address.pid) ? { ...address, cliToken: readFileSync(tokenFile(data), 'utf8').trim() } : null
}

const firstPasswordFile = (data: string): string => path.join(data, 'first-password')

/** Keeps the first one-time password for its owner; returns the file. */
export function keepFirstPassword(data: string, password: string): string {
  writeSecret(firstPasswordFile(data), password)
  return firstPasswordFile(data)
}

/** The one-time password of the first start opens nothing any more. */
export function forgetFirstPassword(data: string): void {
  rmSync(firstPasswordFile(data), { force: true })
}

export function removeServerFile(data: string): void {
  rmSync(addressFile(data), { force: true })
}

/** A file that only its owner may read, whatever it was before. */
export function writeSecret(file: string, content: string): void {
  writeFileSync(file, `${content}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
