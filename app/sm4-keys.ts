import { readFileSync, statSync } from 'node:fs'
import type { DeviceId } from '../domain/ids.ts'
import { readSm4Key, type Sm4Key } from '../gateways/hj212/sm4.ts'

const none: readonly Sm4Key[] = []

/**
 * The SM4 keys of a file: a line for each device, its id and 32 hexadecimal digits, older keys behind; `#` begins a comment. The file is
 * read again when it has changed, so that a key can be changed while the old one still opens what is on its way. A file or line that cannot be
 * read is told and leaves the keys as they were. No file (empty name): no keys.
 */
export function openSm4Keys(file: string, warn: (message: string) => void): (device: DeviceId) => readonly Sm4Key[] {
  let keys = new Map<string, readonly Sm4Key[]>()
  let readAt = -1
  const refresh = (): void => {
    try {
      const changedAt = statSync(file).mtimeMs
      if (changedAt === readAt) return
      readAt = changedAt
      keys = parseKeys(readFileSync(file, 'utf8'), warn)
    } catch (error) {
      if (readAt !== 0) warn(`reading the SM4 keys of ${file}: ${error instanceof Error ? error.message : String(error)}`)
      readAt = 0
    }
  }
  return (device) => {
    if (file === '') return none
    refresh()
    return keys.get(device) ?? none
  }
}

function parseKeys(text: string, warn: (message: string) => void): Map<string, readonly Sm4Key[]> {
  const keys = new Map<string, readonly Sm4Key[]>()
  for (const [place, line] of text.split('\n').entries()) {
    const [device = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (device === '') continue
    const read = words.map(readSm4Key)
    const good = read.filter((key) => key !== null)
    if (good.length === 0 || good.length < read.length) warn(`SM4 keys, line ${place + 1} (${device}): a key has 32 hexadecimal digits`)
    keys.set(device, good)
  }
  return keys
}
