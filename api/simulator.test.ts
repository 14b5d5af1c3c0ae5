import { gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { testHouse, type TestHouse } from './testing/house.ts'
import type { SimulationDetail, SimulationNote, SimulatorState } from './schemas/simulation.ts'

const begin = (house: TestHouse, payload: object) => house.cli({ method: 'POST', url: '/api/v1/simulator', payload })

test('one simulation runs at a time, is stopped, and stays among the past ones', async () => {
  const house = await testHouse()
  const started = await begin(house, { scenario: 'storm', seed: 7, speed: 60, stations: 24 })
  expect(started.statusCode).toBe(201)
  expect(started.json<SimulationNote>()).toMatchObject({ run: 'storm-7-2', seed: 7, state: 'running', by: 'command line' })
  const second = await begin(house, { scenario: 'storm' })
  expect(second.statusCode).toBe(409)
  expect(second.json<object>()).toMatchObject({ code: 'conflict', detail: expect.stringContaining('storm-7-2') })
  expect((await house.cli({ method: 'DELETE', url: '/api/v1/simulator/storm-7-2' })).statusCode).toBe(409)
  const stopped = await house.cli({ method: 'POST', url: '/api/v1/simulator/storm-7-2/stop' })
  expect([stopped.statusCode, stopped.json<SimulationNote>().state]).toEqual([200, 'stopped'])
  expect((await house.cli({ method: 'POST', url: '/api/v1/simulator/storm-7-2/stop' })).statusCode).toBe(409)
  const state = (await house.cli('/api/v1/simulator')).json<SimulatorState>()
  expect([state.running, state.past.map(({ run }) => run)]).toEqual([null, ['storm-1', 'storm-7-2']])
  expect((await house.cli({ method: 'DELETE', url: '/api/v1/simulator/storm-7-2' })).json()).toEqual({ removed: true })
  expect(house.noted.map(({ action, target, who }) => [action, target, who])).toEqual([
    ['startSimulation', 'storm', 'command line'],
    ['stopSimulation', 'storm-7-2', 'command line'],
    ['removeSimulation', 'storm-7-2', 'command line'],
  ])
  await house.app.close()
})

test('what is not there is said with what is nearest', async () => {
  const house = await testHouse()
  const refused = async (url: string, status: number, words: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', payload?: object) => {
    const answer = await house.cli({ method, url, ...(payload && { payload }) })
    const { detail } = answer.json<{ detail: string }>()
    expect([url, answer.statusCode, detail]).toEqual([url, status, expect.stringContaining(words)])
  }
  await refused('/api/v1/simulator', 400, 'did you mean storm?', 'POST', { scenario: 'strom' })
  await refused('/api/v1/simulator', 400, 'body.speed', 'POST', { scenario: 'storm', speed: 5_000 })
  await refused('/api/v1/simulator', 400, 'body.stations', 'POST', { scenario: 'storm', stations: 3 })
  await refused('/api/v1/simulator', 400, 'did you mean seed?', 'POST', { scenario: 'storm', sede: 3 })
  await refused('/api/v1/simulator/strom-1', 404, 'did you mean storm-1?')
  await refused('/api/v1/simulator/nothing/stop', 404, 'GET /api/v1/simulator', 'POST')
  await refused('/api/v1/simulator/nothing/truth', 404, 'GET /api/v1/simulator')
  await refused('/api/v1/simulator/nothing', 404, 'GET /api/v1/simulator', 'DELETE')
  await house.app.close()
})

test('a past simulation has its score, its events against its warnings, and its truth as a file', async () => {
  const house = await testHouse()
  const { simulation, score, strip } = (await house.cli('/api/v1/simulator/storm-1')).json<SimulationDetail>()
  expect(score?.figures).toEqual(simulation.figures)
  expect(strip?.events.map(({ warning }) => warning)).toEqual(['w-1', null])
  const truth = await house.cli('/api/v1/simulator/storm-1/truth')
  expect([truth.headers['content-type'], truth.headers['content-disposition']]).toEqual([
    'application/gzip',
    'attachment; filename="storm-1.jsonl.gz"',
  ])
  expect(gunzipSync(truth.rawPayload).toString()).toContain('"kind":"header"')
  await house.app.close()
})
