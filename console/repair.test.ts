import { expect, test } from '@jest/globals'
import { repairKindOf, withWord } from './repair.ts'

test('a word is added to the newest mapping, and what it holds stays', () => {
  const version = { device: 'rtu-1', version: 2, at: 0, by: 'li', reason: 'new logger' }
  const versions = [{ ...version, mapping: { channels: { lvl: 'qingxi/water_level' }, zone: '+08:00' } }]
  expect(withWord({ versions }, 'channels', 'rain', 'qingxi/rainfall')).toEqual({
    channels: { lvl: 'qingxi/water_level', rain: 'qingxi/rainfall' },
    zone: '+08:00',
  })
  expect(withWord({ versions }, 'units', 'water_level', 'cm')).toEqual({ ...versions[0]?.mapping, units: { water_level: 'cm' } })
  expect(withWord({ versions: [] }, 'zone', '', 'Asia/Shanghai')).toEqual({ zone: 'Asia/Shanghai' })
})

test('each reason is mended by the part of the mapping that it is about, or by none', () => {
  expect((['unknown-parameter', 'unit-mismatch', 'no-offset', 'not-json'] as const).map(repairKindOf)).toEqual([
    'channels',
    'units',
    'zone',
    null,
  ])
})
