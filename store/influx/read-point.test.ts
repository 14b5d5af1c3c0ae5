import { expect, test } from '@jest/globals'
import { runId } from '../../domain/ids.ts'
import { observed, seriesOf, storedRow } from '../testing/rows.ts'
import { observationLine } from './points.ts'
import { readPoint } from './read-point.ts'

const bytesOf = (line: string): Uint8Array => new TextEncoder().encode(line)

test('a point that was refused reads back as the state it was written from', () => {
  const same = (part: Parameters<typeof storedRow>[0]): void => {
    const row = storedRow(part)
    expect(readPoint(bytesOf(observationLine({ observation: row, version: 3, batch: 9 })))).toEqual(observed(row))
  }
  same({})
  same({ value: null, flag: 9, tests: 40 })
  same({ value: -0.5, seq: 12, run: runId('run "a"'), position: [119.5, 30.25, 12] })
  same({ series: seriesOf('清溪, 上游=1', 'ph', 2), value: 1e-7 })
})

test('what is no point of ours reads as nothing', () => {
  const none = (line: string): void => expect(readPoint(bytesOf(line))).toBeNull()
  none('')
  none('hello')
  none('system,node=a value=1 1000')
  none('observation,station=a,parameter=ph value=1 1000')
  none('observation,station=a,parameter=ph,sensor=1 flag=2i,value=NaN 1000')
  none('observation,station=a,parameter=ph,sensor=1 flag=2i 1000')
  none('observation,station=a,parameter=ph,sensor=1 value=1')
})
