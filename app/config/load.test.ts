import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { ConfigInvalid } from '../errors.ts'
import { GaugekeeperConfig, type Settings } from './all.ts'
import { loadConfig, type Loaded, type Sources } from './load.ts'
import { sampleConfig } from './sample.ts'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

function fileOf(text: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'config-'))
  folders.push(folder)
  const file = path.join(folder, 'gaugekeeper.yaml')
  writeFileSync(file, text)
  return file
}

const load = (sources: Partial<Sources>): Loaded<Settings> =>
  loadConfig<Settings>(GaugekeeperConfig, { file: null, environment: {}, flags: new Map(), ...sources })

test('flags win over the environment, the environment over the file, the file over the defaults', () => {
  const file = fileOf('server: { port: 1, mqttPort: 1, host: 127.0.0.9, data: /file }')
  const environment = { GAUGEKEEPER_SERVER_PORT: '2', GAUGEKEEPER_SERVER_MQTT_PORT: '2', GAUGEKEEPER_SERVER_DATA_FILE: fileOf('/secret\n') }
  const { config, origins } = load({ file, environment, flags: new Map([['server.port', 3]]) })
  expect(config.server).toMatchObject({ port: 3, mqttPort: 2, host: '127.0.0.9', data: '/secret', logLevel: 'info' })
  expect([origins.get('server.port'), origins.get('server.mqttPort'), origins.get('server.logLevel')]).toEqual([
    'flag --server.port',
    'environment GAUGEKEEPER_SERVER_MQTT_PORT',
    'default',
  ])
})

test('a mistake is named with its place and the nearest setting', () => {
  const mistakes = (text: string, ...expected: string[]) => {
    const file = fileOf(text)
    expect(() => load({ file })).toThrow(ConfigInvalid)
    for (const words of expected) expect(() => load({ file })).toThrow(words)
  }
  mistakes('netwroks: []', 'no such setting; did you mean networks?')
  mistakes('server: { prot: 1, port: 99999 }', 'server.prot', 'did you mean server.port?', '99999 must be <= 65535')
  mistakes('server: 7', 'server')
  mistakes('server: [', 'gaugekeeper.yaml')
  for (const text of ['hello', '5', '[1]', '\u0001\u0002']) mistakes(text, 'gaugekeeper.yaml')
})

test('an environment that says nothing we know is refused, with the nearest setting', () => {
  const named =
    (environment: Record<string, string>): (() => Loaded<Settings>) =>
    () =>
      load({ environment })
  expect(named({ GAUGEKEEPER_SERVER_PROT: '1' })).toThrow('GAUGEKEEPER_SERVER_PROT: no such setting; did you mean GAUGEKEEPER_SERVER_PORT?')
  expect(named({ GAUGEKEEPER_INFLUX_TOKEN_FILE: '/not/there' })).toThrow(ConfigInvalid)
  expect(named({ GAUGEKEEPER_INFLUX_TOKEN_FILE: '/not/there' })).toThrow('GAUGEKEEPER_INFLUX_TOKEN_FILE: the file it names cannot be read')
  expect(named({ GAUGEKEEPER_API_KEY: 'k', HOME: '/' })).not.toThrow()
})

test('the sample is a configuration as it is, and with every line in use gives the defaults', () => {
  const sample = sampleConfig(GaugekeeperConfig)
  const defaults = load({}).config
  expect(load({ file: fileOf(sample) }).config).toEqual(defaults)
  const settings = load({}).fields.filter(({ default: value }) => value !== undefined && value !== null)
  for (const { path: place } of settings) expect(sample).toContain(`# ${place.split('.').at(-1) ?? ''}:`)
  const inUse = sample.replace(/^( *)# /gm, '$1').replace(/^.*: null$/gm, '')
  expect(load({ file: fileOf(inUse) }).config).toEqual(defaults)
})
