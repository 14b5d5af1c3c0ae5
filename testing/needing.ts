import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { test } from '@jest/globals'

/** A real part that a test needs: where it is, or how to get it. */
export interface Part {
  found: string | null
  /** What the report says when it is missing. */
  missing: string
}

const first = (...places: string[]): string | null => places.find((place) => existsSync(place)) ?? null

export const influxd = (): Part => ({
  found: first('/usr/bin/influxd', '/usr/local/bin/influxd'),
  missing: 'influxd not found: apt-get install -y influxdb',
})

export const mosquitto = (): Part => ({
  found: first('/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'),
  missing: 'mosquitto not found: apt-get install -y mosquitto',
})

export const mosquittoPub = (): Part => ({
  found: first('/usr/bin/mosquitto_pub', '/usr/local/bin/mosquitto_pub'),
  missing: 'mosquitto_pub not found: apt-get install -y mosquitto-clients',
})

export const mosquittoSub = (): Part => ({
  found: first('/usr/bin/mosquitto_sub', '/usr/local/bin/mosquitto_sub'),
  missing: 'mosquitto_sub not found: apt-get install -y mosquitto-clients',
})

export const openssl = (): Part => ({ found: first('/usr/bin/openssl'), missing: 'openssl not found: apt-get install -y openssl' })

export const chromium = (): Part => ({
  found: first('/usr/bin/chromium', '/usr/bin/chromium-browser'),
  missing: 'chromium not found: apt-get install -y chromium fonts-noto-cjk',
})

export const strace = (): Part => ({ found: first('/usr/bin/strace'), missing: 'strace not found: apt-get install -y strace' })

export const promtool = (): Part => ({ found: first('/usr/bin/promtool'), missing: 'promtool not found: apt-get install -y prometheus' })

export const systemdAnalyze = (): Part => ({
  found: first('/usr/bin/systemd-analyze'),
  missing: 'systemd-analyze not found: apt-get install -y systemd',
})

/** A file or folder of the shared folder that stands beside the repository, e.g. sharedFolder('data', 'river-rain-ea-calder-2025'). */
export function sharedFolder(...parts: string[]): Part {
  const place = path.resolve(fileURLToPath(new URL('../../shared', import.meta.url)), ...parts)
  return { found: first(place), missing: `shared folder ${parts.join('/')} is not beside the repository` }
}

/** Declares a test that runs where its parts are, and is otherwise reported as skipped under a name that says how to get them. */
export function needing(parts: readonly Part[], name: string, run: (...found: string[]) => unknown, timeoutMs?: number): void {
  const missing = parts.filter((part) => part.found === null)
  if (missing.length === 0) test(name, async () => void (await run(...parts.map((part) => part.found ?? ''))), timeoutMs)
  else test['skip'](`${name} (${missing.map((part) => part.missing).join('; ')})`, () => undefined)
}
