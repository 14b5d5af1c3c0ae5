import { expect, test } from '@jest/globals'
import { createMemoryStore } from '../store/memory.ts'
import { takeTurns } from '../domain/in-turn.ts'
import { deviceId } from '../domain/ids.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from '../ingest/testing/small-fleet.ts'
import { openMappings, type Mappings } from './mappings.ts'

const device = deviceId('d')
const network = networkOf('n', [stationOf('qingxi', [sensorOf('qingxi', 'water_level')])], [deviceOf('d', ['qingxi'])])
const open = (documents = createMemoryStore().documents): Promise<Mappings> =>
  openMappings({ documents, now: () => 0, inTurn: takeTurns(), declared: () => [network], onChanged: () => undefined })
const change = (name: string, basedOn?: number) => ({
  ...{ device, by: 'lin', reason: 'new logger', mapping: { channels: { [name]: 'qingxi/water_level' } } },
  ...(basedOn !== undefined && { basedOn }),
})

test('mappings set at once are versions one after the other, and the newest holds, also after a start anew', async () => {
  const { documents } = createMemoryStore()
  const mappings = await open(documents)
  const made = await Promise.all(['a', 'b', 'c'].map((name) => mappings.change(change(name))))
  expect(made).toMatchObject([{ version: 1 }, { version: 2 }, { version: 3 }])
  for (const one of [mappings, await open(documents)]) {
    expect((await one.history(device)).map(({ version }) => version)).toEqual([3, 2, 1])
    expect([...(one.applied(network).devices[0]?.channels.keys() ?? [])]).toEqual(['c'])
  }
})

test('the mapping that holds is not set once more, nor one that was made from an older version', async () => {
  const mappings = await open()
  const [first, second] = await Promise.all([mappings.change(change('a', 0)), mappings.change(change('b', 0))])
  expect(first).toMatchObject({ version: 1 })
  expect(second).toMatchObject({ conflict: 'newer', holds: { version: 1 } })
  expect(await mappings.change(change('a'))).toMatchObject({ conflict: 'same', holds: { version: 1 } })
  expect(await mappings.change(change('b', 1))).toMatchObject({ version: 2 })
})
