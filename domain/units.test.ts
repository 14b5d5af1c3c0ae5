import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { findParameter, parameters } from './parameters.ts'
import { convert, converter, isKnownUnit, unitAliases } from './units.ts'

const exact = (value: number, from: string, to: string, wanted: number, key?: string) =>
  expect({ from, to, ...convert(value, from, to, parameterOf(key)) }).toEqual({ from, to, value: wanted })
const near = (value: number, from: string, to: string, wanted: number, key?: string, digits = 6) => {
  const got = convert(value, from, to, parameterOf(key))
  expect('value' in got ? got.value : got).toBeCloseTo(wanted, digits)
}
const refused = (from: string, to: string, detail: string, key?: string) => {
  const got = convert(1, from, to, parameterOf(key))
  expect('detail' in got ? got.detail : got).toBe(detail)
}
const parameterOf = (key: string | undefined) => (key === undefined ? undefined : (findParameter(key) ?? undefined))

test('lengths are exact to the last bit', () => {
  exact(635, 'mm', 'm', 0.635)
  exact(12345, 'mm', 'm', 12.345)
  exact(28, 'cm', 'm', 0.28)
  exact(1, '[ft_i]', 'm', 0.3048)
  exact(2.5, 'km', 'm', 2500)
  exact(1, 'in', 'mm', 25.4)
})

test('temperatures shift as well as scale', () => {
  exact(50, 'degF', 'Cel', 10)
  exact(10, 'Cel', '[degF]', 50)
  exact(-40, '[degF]', 'Cel', -40)
  near(293.15, 'K', 'Cel', 20)
  exact(7.1, '°C', 'Cel', 7.1)
})

test('flows, pressures and counts of the field', () => {
  near(100, 'ft3/s', 'm3/s', 2.8316846592)
  near(1, 'gpm', 'm3/h', 0.2271247)
  exact(36, 'm3/h', 'L/s', 10)
  exact(1013.25, 'mb', 'hPa', 1013.25)
  exact(101.3, 'kPa', 'hPa', 1013)
  near(1, 'psi', 'kPa', 6.894757293)
  exact(1.25, 'mS/cm', 'uS/cm', 1250)
  exact(5000, 'cells/L', '{cells}/mL', 5)
  exact(0.05, 'mg/L', 'ug/L', 50)
  exact(35_000, 'ng/m3', 'ug/m3', 35)
  exact(1, 'kg/m3', 'mg/L', 1000)
  exact(3, 'µg/m³', 'ug/m3', 3)
  exact(1, '1/cm', '1/m', 100)
  near(3.6, 'uSv/h', 'nSv/s', 1)
  exact(1, 'bar', 'hPa', 1000)
  exact(10, 'cm[H2O]', 'mm[H2O]', 100)
})

test('a share of a gas becomes mass in a volume at 25 °C and one atmosphere', () => {
  // The factors printed in air-quality handbooks for 25 °C.
  near(1, 'ppb', 'ug/m3', 1.962, 'o3', 3)
  near(1, 'ppb', 'ug/m3', 1.88, 'no2', 3)
  near(1, 'ppb', 'ug/m3', 2.619, 'so2', 3)
  near(1, 'ppm', 'mg/m3', 1.145, 'co', 3)
  near(1.962, 'ug/m3', '[ppb]', 1, 'o3', 3)
  refused('ppb', 'ug/m3', 'unit "ppb" cannot become "ug/m3", the unit of pm10: they measure different things', 'pm10')
  refused('ppb', 'ug/m3', 'unit "ppb" cannot become "ug/m3": they measure different things')
})

test('a share of water is by mass: one ppm is one mg/L', () => {
  near(1, 'ppm', 'mg/L', 1, 'toc')
  near(250, 'ppb', 'mg/L', 0.25, 'toc')
})

test('a bare number is no ratio', () => {
  exact(35, 'psu', '1', 35, 'salinity')
  refused('%', '1', 'unit "%" cannot become "1", the unit of salinity: they measure different things', 'salinity')
})

test('what does not fit is refused with the nearest unit named', () => {
  refused('mm', 'Cel', 'unit "mm" cannot become "Cel", the unit of water_temperature: they measure different things', 'water_temperature')
  refused('{NTU}', 'mg/L', 'unit "{NTU}" cannot become "mg/L": they measure different things')
  refused('mgL', 'mg/L', 'unit "mgL" is not known; did you mean mg/L?')
  refused('uS//cm', 'uS/cm', 'unit "uS//cm" is not known; did you mean uS/cm?')
  refused('furlongs_a_fortnight', 'm/s', 'unit "furlongs_a_fortnight" is not known')
  for (const text of ['', 'm/', '.m', 'm..s', 'm(s)', '{', 'k', 'mmin', 'constructor', 'x'.repeat(500)])
    expect(isKnownUnit(text)).toBe(false)
})

test('every alias is a unit that can be converted', () => {
  for (const [alias] of unitAliases) expect({ alias, known: isKnownUnit(alias) }).toEqual({ alias, known: true })
})

test('there and back again is where one started', () => {
  const pairs = [
    ['mm', 'm'],
    ['[cft_i]/s', 'm3/s'],
    ['[degF]', 'Cel'],
    ['psi', 'kPa'],
    ['mS/cm', 'uS/cm'],
    ['[gal_us]/min', 'm3/h'],
  ] as const
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(...pairs), (value, [from, to]) => {
      const [there, back] = [converter(from, to), converter(to, from)]
      if (typeof there !== 'function' || typeof back !== 'function') throw new Error(`${from} and ${to} are known`)
      expect(Math.abs(back(there(value)) - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)))
    }),
  )
})

test('catalogue units that convert into each other measure the same thing', () => {
  const units = [...new Set([...parameters.values()].map((parameter) => parameter.unit))]
  const mixed = units.flatMap((from) => units.filter((to) => from < to && 'value' in convert(1, from, to)).map((to) => `${from} ${to}`))
  const concentrations = mixed.filter((pair) => pair.split(' ').every((unit) => /g\/(L|m3)$/.test(unit)))
  expect(concentrations).toHaveLength(21)
  const others = mixed.filter((pair) => !concentrations.includes(pair))
  expect(others.sort()).toEqual(['% 1', 'L/s m3/h', 'L/s m3/s', 'V mV', 'hPa kPa', 'm mm', 'm3/h m3/s'])
})
