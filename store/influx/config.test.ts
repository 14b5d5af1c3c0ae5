import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { InfluxConfig, influxSettings } from './config.ts'

const settingsOf = (part: Partial<InfluxConfig>): ReturnType<typeof influxSettings> =>
  influxSettings({ ...(Value.Default(InfluxConfig, {}) as InfluxConfig), ...part })

test('without an address there is no InfluxDB', () => {
  expect(Value.Check(InfluxConfig, Value.Default(InfluxConfig, {}))).toBe(true)
  expect(settingsOf({})).toBeNull()
})

test('the wire follows from the token unless it is named, and the bucket from the database', () => {
  const url = 'http://127.0.0.1:8086'
  expect(settingsOf({ url })).toMatchObject({ api: 'v1', database: 'gaugekeeper', bucket: 'gaugekeeper', timeoutMs: 10_000 })
  expect(settingsOf({ url, token: 't', org: 'o', bucket: 'b', timeout: '2s' })).toMatchObject({
    api: 'v2',
    org: 'o',
    bucket: 'b',
    timeoutMs: 2_000,
  })
  expect(settingsOf({ url, token: 't', api: 'v1' })).toMatchObject({ api: 'v1' })
  expect(settingsOf({ url, api: 'v2', database: 'd' })).toMatchObject({ api: 'v2', bucket: 'd' })
})
