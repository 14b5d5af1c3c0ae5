import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { prepareDataFolder } from './data-folder.ts'

const folder = (): string => path.join(mkdtempSync(path.join(tmpdir(), 'gaugekeeper-')), 'data')
const formatOf = (data: string): unknown => JSON.parse(readFileSync(path.join(data, 'format.json'), 'utf8'))

test('a new data folder is for its owner only and says its format', () => {
  const data = folder()
  prepareDataFolder(data, '0.1.0', 'duckdb')
  expect(statSync(data).mode & 0o777).toBe(0o700)
  expect(formatOf(data)).toEqual({ format: 1, release: '0.1.0', engine: 'duckdb' })
})

test('a folder of an older release is taken over', () => {
  const data = folder()
  prepareDataFolder(data, '0.1.0', 'duckdb')
  prepareDataFolder(data, '0.2.0', 'duckdb')
  expect(formatOf(data)).toEqual({ format: 1, release: '0.2.0', engine: 'duckdb' })
})

test('a folder of a newer format is refused before it is touched, and so is an unreadable one', () => {
  const refuses = (content: string, message: RegExp): void => {
    const data = folder()
    prepareDataFolder(data, '0.1.0', 'duckdb')
    writeFileSync(path.join(data, 'format.json'), content)
    expect(() => prepareDataFolder(data, '0.1.0', 'duckdb')).toThrow(message)
    expect(readdirSync(data)).toEqual(['format.json'])
    expect(readFileSync(path.join(data, 'format.json'), 'utf8')).toBe(content)
  }
  refuses('{"format":2,"release":"0.9.0"}', /release 0\.9\.0 made it \(format 2, this one knows 1\)/)
  refuses('{"for', /unreadable/)
})

test('a folder whose readings are with another engine is refused before it is touched; one from before that was noted is taken over', () => {
  const data = folder()
  prepareDataFolder(data, '0.1.0', 'influxdb')
  expect(() => prepareDataFolder(data, '0.2.0', 'duckdb')).toThrow(/its readings are with store\.engine influxdb, and duckdb is asked for/)
  expect(formatOf(data)).toEqual({ format: 1, release: '0.1.0', engine: 'influxdb' })
  writeFileSync(path.join(data, 'format.json'), '{"format":1,"release":"0.1.0"}')
  prepareDataFolder(data, '0.1.0', 'duckdb')
  expect(formatOf(data)).toEqual({ format: 1, release: '0.1.0', engine: 'duckdb' })
})
