import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { gaugekeeper } from '../testing/command.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

const step = 600_000
const begin = Date.UTC(2026, 5, 1)
const stations = ['upper', 'middle', 'lower']

/** A day of three gauges every 10 min: a flood that goes down the river, with a spike and a value that comes again. */
function writeDay(file: string): void {
  const lines = stations.flatMap((station, place) =>
    Array.from({ length: 144 }, (_, i) => {
      const metres = 1 + 2.6 * Math.exp(-(((i - 50 - 12 * place) / 14) ** 2))
      const value = place === 1 && i === 20 ? 4.2 : metres
      return { at: begin + i * step, line: `${new Date(begin + i * step).toISOString()},${station},water_level,${value.toFixed(3)},m` }
    }),
  )
  lines.sort((a, b) => a.at - b.at)
  writeFileSync(file, ['time,station,parameter,value,unit', ...lines.map(({ line }) => line), lines.at(-1)?.line].join('\n'))
}

interface NetworkYaml {
  stations: { id: string; sensors: { stages?: object; range?: object }[] }[]
}

interface Side {
  series?: string
  observedAt?: number
  value?: number
  flag?: number
  tests?: string
  id?: string
}

interface Differing {
  kind: 'reading' | 'warning'
  a: Side | null
  b: Side | null
}

async function made(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await gaugekeeper(...args)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

async function differing(a: string, b: string): Promise<Differing[]> {
  const { stdout } = await gaugekeeper('diff', a, b, '--json')
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Differing)
}

/** A data folder of a system that has received nothing. */
async function writeEmpty(data: string): Promise<string> {
  const system = await serve({ data, flags: ['--no-demo'] })
  await system.stop()
  return data
}

/** The warnings of the first of two systems, the second of which has none. */
const warningsIn = (all: readonly Differing[]): Map<string, Side | null> =>
  new Map(all.flatMap(({ kind, a }) => (kind === 'warning' ? [[a?.id ?? '', a]] : [])))

test('a captured day replayed at 100x is the same; under another quality limit, exactly what that changes differs', async () => {
  const folder = temporaryFolder()
  const at = (name: string): string => path.join(folder, name)
  mkdirSync(at('record'))
  writeDay(path.join(at('record'), 'day.csv'))
  writeDay(at('quiet.csv'))
  await made('replay', at('record'), '--run', 'day', '--stages-from', at('quiet.csv'), '--percentile', '60', '--data', at('first'))
  writeFileSync(at('day.jsonl'), await made('capture', '--run', 'day', '--data', at('first')))
  await made('replay', at('day.jsonl'), '--speed', '100', '--data', at('second'))
  expect(await gaugekeeper('diff', at('first'), at('second'))).toMatchObject({ code: 0, stdout: '' })

  const [head = ''] = readFileSync(at('day.jsonl'), 'utf8').split('\n')
  const network = (JSON.parse(head) as { networks: { network: NetworkYaml }[] }).networks[0]?.network
  for (const { sensors } of network?.stations ?? []) for (const sensor of sensors) sensor.range = { fail: [0, 1.1] }
  writeFileSync(at('strict.yaml'), stringify(network))
  await made('replay', at('day.jsonl'), '--network', at('strict.yaml'), '--data', at('third'))
  const found = await differing(at('first'), at('third'))
  const empty = await writeEmpty(at('empty'))
  const all = await differing(at('first'), empty)
  // each value above the new limit that was not doubted before is doubted now, and no other differs
  const readings = found.filter(({ kind }) => kind === 'reading')
  const above = all.filter(({ kind, a }) => kind === 'reading' && (a?.value ?? 0) > 1.1)
  expect(readings.map(({ a }) => [a?.series, a?.observedAt])).toEqual(above.map(({ a }) => [a?.series, a?.observedAt]))
  for (const { a, b } of readings)
    expect([b?.value, (b?.flag ?? 0) >= 3, b?.tests?.includes('gross_range')]).toEqual([a?.value, true, true])
  // and of the warnings exactly those that the two systems tell otherwise
  const [ofFirst, ofThird] = [warningsIn(all), warningsIn(await differing(at('third'), empty))]
  const ids = [...new Set([...ofFirst.keys(), ...ofThird.keys()])]
  const otherwise = ids.filter((id) => JSON.stringify(ofFirst.get(id)) !== JSON.stringify(ofThird.get(id)))
  const warnings = found.filter(({ kind }) => kind === 'warning').map(({ a, b }) => a?.id ?? b?.id)
  expect(warnings.sort()).toEqual(otherwise.sort())
  expect(otherwise.length).toBeGreaterThanOrEqual(3)
  expect(otherwise.length).toBeLessThan(ids.length)
}, 240_000)

test('devices can be given other names, in topics and networks alike', async () => {
  const folder = temporaryFolder()
  const at = (name: string): string => path.join(folder, name)
  mkdirSync(at('record'))
  writeDay(path.join(at('record'), 'day.csv'))
  await made('replay', at('record'), '--run', 'day', '--data', at('first'))
  writeFileSync(at('names.csv'), 'device,as\nday-upper,logger-a\nday-middle,logger-b\nday-lower,logger-c\n')
  const capture = await made('capture', '--run', 'day', '--identities', at('names.csv'), '--data', at('first'))
  expect(capture).not.toContain('day-upper')
  writeFileSync(at('day.jsonl'), capture)
  await made('replay', at('day.jsonl'), '--data', at('second'))
  expect(await gaugekeeper('diff', at('first'), at('second'))).toMatchObject({ code: 0, stdout: '' })

  writeFileSync(at('slip.csv'), 'device,as\nday-uper,logger-a\n')
  const refused: [order: string[], code: number, reason: string][] = [
    [['capture', '--run', 'day', '--identities', at('slip.csv'), '--data', at('first')], 2, 'the capture has no device day-uper'],
    [['capture', '--run', 'dya', '--data', at('first')], 1, 'There is no run dya.'],
    [['capture', '--data', at('frist')], 2, 'no data folder of Gaugekeeper is there'],
    [['diff', at('first'), at('frist')], 2, 'no data folder of Gaugekeeper is there'],
    [['replay', at('day.jsonl'), '--data', at('second')], 2, '--again removes the earlier one first'],
  ]
  for (const [order, code, reason] of refused)
    expect(await gaugekeeper(...order)).toEqual({ code, stdout: '', stderr: expect.stringContaining(reason) })
  expect(existsSync(at('frist'))).toBe(false)
}, 120_000)

test('a simulated day, with what came late and twice and over three protocols, is the same at 100x and as fast as it goes', async () => {
  const folder = temporaryFolder()
  const at = (name: string): string => path.join(folder, name)
  // one in which a gauge is cut off just when a trend is told
  await made('simulate', 'storm', '--stations', '24', '--hours', '24', '--seed', '1', '--run', 'day', '--data', at('first'))
  const capture = await made('capture', '--run', 'day', '--data', at('first'))
  for (const source of ['mqtt', 'hj212', 'sl651']) expect(capture).toContain(`"source":"${source}"`)
  writeFileSync(at('day.jsonl'), capture)
  await made('replay', at('day.jsonl'), '--speed', '100', '--data', at('second'))
  expect(await gaugekeeper('diff', at('first'), at('second'))).toMatchObject({ code: 0, stdout: '' })
  await made('replay', at('day.jsonl'), '--data', at('third'))
  expect(await gaugekeeper('diff', at('first'), at('third'))).toMatchObject({ code: 0, stdout: '' })
  const all = await differing(at('first'), await writeEmpty(at('empty')))
  expect(all.filter(({ kind }) => kind === 'reading').length).toBeGreaterThan(10_000)
  expect(warningsIn(all).size).toBeGreaterThan(10)
}, 240_000)
