import { expect, test } from '@jest/globals'
import { deviceRows } from './device-rows.ts'

test('a CSV becomes the rows of the api, with their lines', () => {
  const text =
    '\ufeffdevice,stations,protocol,channels,mn,address\r\nd-1,gauge-1;gauge-2,,ch1=gauge-1/water_level ch2=gauge-2/rainfall,,\r\n\r\nd-2,,,,,\r\n"d,3",gauge-1,hj212,,399,\r\nd-4,gauge-1,sl651,,,0012345678\r\nd-5,gauge-1,szy206,,,5303810D00\r\n'
  expect(deviceRows(text, 'f.csv')).toEqual({
    rows: [
      { id: 'd-1', stations: ['gauge-1', 'gauge-2'], channels: { ch1: 'gauge-1/water_level', ch2: 'gauge-2/rainfall' } },
      { id: 'd-2' },
      { id: 'd,3', stations: ['gauge-1'], protocol: 'hj212', hj212: { mn: '399' } },
      { id: 'd-4', stations: ['gauge-1'], protocol: 'sl651', sl651: { address: '0012345678' } },
      { id: 'd-5', stations: ['gauge-1'], protocol: 'szy206', szy206: { address: '5303810D00' } },
    ],
    lines: [2, 4, 5, 6, 7],
  })
})

test('what is no list of devices is refused with the reason', () => {
  const refused = (text: string, why: string) => expect(() => deviceRows(text, 'f.csv')).toThrow(why)
  refused('device,station\nd,g', 'there is no column "station"; did you mean stations?')
  refused('stations\ng', 'the column device is missing')
  refused('device,stations\n', 'there is no line below the header')
  refused('device,stations\na,b,c\n', 'reading f.csv: ')
})
