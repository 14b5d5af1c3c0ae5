import { expect, test } from '@jest/globals'
import { brokerFaults } from './config.ts'
import { configured } from './testing/brokers.ts'

test('limits that do not go together, or leave nobody in, are named with their settings', () => {
  const named = (changed: Parameters<typeof configured>[0]): string[] =>
    brokerFaults(configured(changed)).map((fault) => fault.split(':')[0] ?? '')
  expect(named({})).toEqual([])
  expect(named({ connectWithin: '0s' })).toEqual(['broker.connectWithin'])
  expect(named({ keepAliveAtLeast: '15m', keepAliveAtMost: '10m' })).toEqual(['broker.keepAliveAtLeast'])
  expect(named({ drainWithin: '60s' })).toEqual(['broker.drainWithin'])
  expect(named({ drainWithin: '0s' })).toEqual(['broker.drainWithin'])
})
