import type { Device } from '../../domain/network.ts'
import type { ReadingGroup } from '../../domain/reading.ts'
import { writeData } from '../../gateways/hj212/encode.ts'
import { codeOf } from '../../gateways/hj212/fields.ts'
import { elementOf } from '../../gateways/sl651/fields.ts'
import type { Item } from '../../gateways/sl651/message.ts'
import { toFactors } from '../hj212-memory.ts'
import { itemOf } from '../sl651-memory.ts'
import type { Firmware } from './firmware.ts'

const [second, minute] = [1_000, 60_000]

/** HJ 212-2017: real-time data (2011), a data area each moment, a line each. Times are whole seconds; it has no word for housekeeping. */
const hj212: Firmware = {
  name: 'hj212',
  topic: 'hj212/2011',
  stamp: (at) => Math.floor(at / second) * second,
  shown: (parameter, value) => (codeOf(parameter, '2017') === null ? null : value),
  encode: (groups) => groups.map(areaOf).join('\n'),
}

function areaOf(group: ReadingGroup): string {
  const factors = toFactors(group)
  return writeData(group.at ?? 0, factors, '2017')
}

/** The data areas of a payload. */
export const hj212Areas = (payload: string): string[] => payload.split('\n')

/** SL 651: timed reports (32H), one each moment. Times are whole minutes, values as many decimals as the standard gives an element. */
const sl651: Firmware = {
  name: 'sl651',
  topic: 'sl651/32',
  stamp: (at) => Math.floor(at / minute) * minute,
  shown(parameter, value) {
    const item = itemOf(parameter, value)
    return item?.kind === 'number' ? item.value : null
  },
  encode: (groups) =>
    JSON.stringify(groups.map(({ at, readings }) => ({ at, items: readings.flatMap((one) => itemOf(one.name, one.value) ?? []) }))),
}

/** The reports of a payload. */
export const sl651Records = (payload: string): { at: number; items: Item[] }[] => JSON.parse(payload) as { at: number; items: Item[] }[]

const fieldFirmwares: Readonly<Partial<Record<Device['protocol'], Firmware>>> = { hj212, sl651 }

/** What a device of a field protocol writes with; null for MQTT, where makes differ. */
export const fieldFirmwareOf = ({ protocol }: Device): Firmware | null => fieldFirmwares[protocol] ?? null

/** Whether a protocol has a word for all of a station's parameters. */
export function hasWordsFor(protocol: 'hj212' | 'sl651', parameters: readonly string[]): boolean {
  return parameters.every((key) => (protocol === 'hj212' ? codeOf(key, '2017') : key === 'rainfall' ? key : elementOf(key, 1)) !== null)
}
