import { readingTopics } from '../../domain/delivery.ts'
import type { ReadingGroup } from '../../domain/reading.ts'
import { encodeNative } from '../../ingest/codecs/native-encode.ts'
import { encodeSenmlJson } from '../../ingest/codecs/senml-encode.ts'
import { keyOf, uniform } from '../world/random.ts'

/** How one make of devices writes its messages. */
export interface Firmware {
  name: string
  /** Its topic below `devices/{device}/`, or a whole one, which has a `/`. */
  topic: string
  /** A time as it can write it; left out: to the ms. */
  stamp?(at: number): number
  /** What arrives of a value; null = it has no word for the parameter. Left out: all of it. */
  shown?(parameter: string, value: number): number | null
  encode(groups: readonly ReadingGroup[]): string
}

const hour = 3_600_000
const isoTime = /"at":"([^"]+)"/

const nativeWith = (name: string, time: (at: number) => string | number, change = (group: ReadingGroup) => group): Firmware => ({
  name,
  topic: 'readings',
  encode(groups) {
    const texts = groups.map((group) =>
      encodeNative(change(group)).replace(isoTime, (_, iso: string) => `"at":${JSON.stringify(time(Date.parse(iso)))}`),
    )
    return texts.length === 1 ? texts.join() : `[${texts.join(',')}]`
  },
})

/** Levels in centimetres, which it says. */
function inCentimetres(group: ReadingGroup): ReadingGroup {
  const readings = group.readings.map((reading) =>
    reading.name === 'water_level' && reading.value !== null && reading.unit === null
      ? { ...reading, unit: 'cm', value: Math.round(reading.value * 1e4) / 100 }
      : reading,
  )
  return { ...group, readings }
}

const iso = (at: number): string => new Date(at).toISOString()
const beijing = (at: number): string => `${new Date(at + 8 * hour).toISOString().slice(0, 19)}+08:00`

/** What a factory sends: UTC, one object or an array. */
export const plainFirmware = nativeWith('plain', iso)

const thingsboard: Firmware = {
  name: 'thingsboard',
  topic: readingTopics.telemetry,
  encode: (groups) =>
    JSON.stringify(
      groups.map(({ at, readings }) => ({ ts: at, values: Object.fromEntries(readings.map(({ name, value }) => [name, value])) })),
    ),
}

const senml: Firmware = {
  name: 'senml',
  topic: 'senml',
  encode: (groups) => encodeSenmlJson(groups.map((group) => ({ ...group, housekeeping: [] }))),
}

const firmwares: readonly Firmware[] = [
  plainFirmware,
  plainFirmware,
  plainFirmware,
  nativeWith('beijing', beijing),
  nativeWith('milliseconds', (at) => at),
  nativeWith('seconds', (at) => Math.floor(at / 1000)),
  nativeWith('centimetres', iso, inCentimetres),
  thingsboard,
  senml,
]

/** The firmware that chance gave a device. */
export function firmwareOf(device: string, seed: number): Firmware {
  return firmwares[Math.floor(uniform(seed, keyOf(`${device}:firmware`)) * firmwares.length)] ?? plainFirmware
}
