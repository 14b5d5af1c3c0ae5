import { expect, test } from '@jest/globals'
import { keysOfKind, parameterKind, parameterKinds } from './parameter-kinds.ts'
import { aliases, findParameter, grossRangeFor, nearestParameter, parameters } from './parameters.ts'
import { parameterRows } from './parameters-table.ts'
import { convert } from './units.ts'

const all = [...parameters.values()]
const minute = 60_000

test('the catalogue has 226 parameters, each under its own key', () => {
  expect(parameterRows).toHaveLength(226)
  expect(parameters.size).toBe(226)
  for (const [key, parameter] of parameters) expect(parameter.key).toBe(key)
  for (const parameter of all) expect(parameter.key).toMatch(/^[a-z][a-z0-9_]*$/)
})

test('every parameter has two names, a unit that can be converted and a range that is one', () => {
  for (const parameter of all) {
    expect(parameter.name.en.length).toBeGreaterThan(0)
    expect(parameter.name.zh.length).toBeGreaterThan(0)
    expect({ key: parameter.key, ...convert(1, parameter.unit, parameter.unit, parameter) }).toEqual({ key: parameter.key, value: 1 })
    const { min, max } = parameter.grossRange
    expect({ key: parameter.key, fits: min === null || max === null || min < max }).toEqual({ key: parameter.key, fits: true })
    expect(parameter.resolution === null || parameter.resolution > 0).toBe(true)
    expect(parameter.medium.length).toBeGreaterThan(0)
  }
})

test('an HJ 212 code leads to one parameter', () => {
  const unique = (codes: (string | null)[]) => {
    const given = codes.filter((code) => code !== null)
    expect(given.length).toBeGreaterThan(20)
    expect(given.filter((code, place) => given.indexOf(code) !== place)).toEqual([])
  }
  unique(all.flatMap((parameter) => parameter.hj212.map((entry) => entry.code2017)))
  // HJ/T 212-2005 counts water and air apart: benzene's numbers meet those of water there.
  for (const air of [true, false]) {
    const medium = all.filter((parameter) => parameter.medium.includes('air') === air)
    const codes = medium.flatMap((parameter) => parameter.hj212.map((entry) => entry.code2005)).filter((code) => code !== null)
    expect(codes.filter((code, place) => codes.indexOf(code) !== place)).toEqual([])
  }
  expect(findParameter('total_phosphorus')?.hj212[0]?.code2017).toBe('w21011')
  expect(findParameter('total_nitrogen')?.hj212[0]?.code2017).toBe('w21001')
  expect(findParameter('tvoc')?.hj212[0]?.unverified).toBe(true)
  expect(findParameter('ph')?.hj212[0]?.unverified).toBeUndefined()
})

test('an SL 651 name or identifier leads to one parameter', () => {
  const entries = all.flatMap((parameter) => parameter.sl651)
  expect(entries.length).toBeGreaterThan(40)
  expect(new Set(entries.map((entry) => entry.ascii)).size).toBe(entries.length)
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length)
})

test('every alias leads to a parameter and hides none', () => {
  for (const [alias, key] of aliases) {
    expect(findParameter(alias)?.key).toBe(key)
    expect(parameters.has(alias)).toBe(false)
  }
})

test('a parameter is found by key or alias, letter case aside', () => {
  expect(findParameter('water_level')?.unit).toBe('m')
  expect(findParameter('pH')?.key).toBe('ph')
  expect(findParameter('Discharge')?.key).toBe('river_discharge')
  expect(findParameter('constructor')).toBeNull()
  expect(findParameter('__proto__')).toBeNull()
})

test('the nearest parameter is found by key, alias and name', () => {
  const found = (text: string, key: string | null) => expect(nearestParameter(text)?.key ?? null).toBe(key)
  found('watr_level', 'water_level')
  found('water level', 'water_level')
  found('rainfal', 'rainfall')
  found('dischrage', 'river_discharge')
  found('水位', 'water_level')
  found('Turbidty', 'turbidity')
  found('qqqqqqqq', null)
})

test('the range of rainfall grows with the interval, others stay', () => {
  const rain = findParameter('rainfall')
  const level = findParameter('water_level')
  if (rain === null || level === null) throw new Error('the catalogue lost a parameter')
  const most = (every: number | null, mm: number) => expect(grossRangeFor(rain, every)).toEqual({ min: 0, max: mm })
  most(5 * minute, 60)
  most(60 * minute, 305)
  most(24 * 60 * minute, 1825)
  most(48 * 60 * minute, 3650)
  most(null, 305)
  most(10_000, 40)
  most(15 * minute, 129)
  let before = 0
  for (let every = 1; every < 3000; every += 1) {
    const { max } = grossRangeFor(rain, every * minute)
    expect(max ?? 0).toBeGreaterThanOrEqual(before)
    before = max ?? 0
  }
  expect(grossRangeFor(level, minute)).toEqual(level.grossRange)
})

test('every key listed under a kind is in the catalogue, once', () => {
  const listed = parameterKinds.flatMap((kind) => keysOfKind(kind))
  expect(new Set(listed).size).toBe(listed.length)
  for (const key of listed) expect({ key, known: parameters.has(key) }).toEqual({ key, known: true })
  expect(parameterKind('water_level')).toBe('stage')
  expect(parameterKind('tvoc')).toBe('other')
  expect(parameterKind('constructor')).toBe('other')
})
