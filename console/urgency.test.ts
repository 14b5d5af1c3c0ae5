import { expect, test } from '@jest/globals'
import { stationList } from './testing/sample.ts'
import { byUrgency, chosen, filters, hoursToNextStage } from './urgency.ts'

const { stations } = stationList()
const ids = (list: readonly { id: string }[]): string[] => list.map((station) => station.id)

test('the list begins with the highest level and ends with what is calm', () => {
  const order = ids(byUrgency(stations))
  expect(order.slice(0, 3)).toEqual(['lower-weir', 'qingxi', 'east-hill'])
  expect(order.at(-1)).toBe('intake-1')
  expect(ids(byUrgency([...stations].reverse())).slice(0, 3)).toEqual(order.slice(0, 3))
})

test('of two without a warning, the one that reaches its next stage sooner comes first', () => {
  const shiqiao = stations.find((station) => station.id === 'shiqiao')
  const falling = stations.find((station) => station.id === 'north-fork')
  if (!shiqiao || !falling) throw new Error('the sample has changed')
  expect(hoursToNextStage(shiqiao)).toBeLessThan(48)
  expect(hoursToNextStage(falling)).toBe(Infinity)
  expect(ids(byUrgency([falling, shiqiao]))).toEqual(['shiqiao', 'north-fork'])
})

test('each counter chooses what it counts', () => {
  const count = (filter: (typeof filters)[number]) => chosen(stations, filter, '').length
  expect(filters.map(count)).toEqual([8, 6, 2, 3, 2, 0])
})

test('the search looks into ids and both names', () => {
  expect(ids(chosen(stations, 'all', ' QING '))).toEqual(['qingxi'])
  expect(ids(chosen(stations, 'all', '水库'))).toEqual(['yunfeng'])
  expect(chosen(stations, 'all', 'nothing like it')).toEqual([])
})
