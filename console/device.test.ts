import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cellsOf } from './load-device.ts'
import { builtAssets, sampleServer, type SampleServer } from './testing/server.ts'
import { texts } from './texts.ts'

let server: SampleServer
beforeAll(async () => void (server = await sampleServer({ assets: await builtAssets() })))
afterAll(() => server.app.close())

const textOf = async (url: string, headers: Record<string, string> = {}, { app } = server): Promise<string> =>
  (await app.inject({ url, headers })).body
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test('a gap that lasts stands on the page of its device, with its cause and that nobody was asked', async () => {
  const text = await textOf('/d/rtu-mill-lane')
  expect(text).toMatch(/lasts \(2 h\)\s+23 0 The device measured or sent nothing open not asked/)
})

test('closed gaps are shown when they are asked for, with what the device said to the request', async () => {
  expect(await textOf('/d/rtu-qingxi')).toContain(texts.en.gaps.empty.gaps.sentence)
  expect(await textOf('/d/rtu-qingxi?gaps=all')).toMatch(/0 36 Sent, never arrived closed done, 2 times/)
  expect(await textOf('/d/rtu-qingxi?gaps=all', { cookie: 'gk_lang=zh' })).toMatch(/0 36 已发送，未到达 已补齐 已完成, 2 次/)
})

test('while the server reads back after a start, the page does not say that nothing is missing', async () => {
  const starting = await sampleServer({ assets: await builtAssets(), ready: false })
  const text = await textOf('/d/rtu-qingxi', {}, starting)
  expect(text).toContain(texts.en.gaps.say.readingBack)
  expect(text).not.toContain(texts.en.gaps.empty.gaps.sentence)
  await starting.app.close()
})

test('a device that nobody declared is a page that is not there', async () => {
  expect((await server.app.inject({ url: '/d/rtu-nowhere' })).statusCode).toBe(404)
})

test('windows find their cells; one that was never summed up counts as nothing', () => {
  const hour = 3_600_000
  const window = (end: number, n: number, completeness: number) => ({ start: end - hour, end, n, completeness })
  const cells = cellsOf(
    [window(10 * hour, 12, 1), window(8 * hour, 3, 0.25), window(7 * hour, 0, 0), window(2 * hour, 12, 1)],
    4,
    hour,
    10 * hour,
  )
  expect(cells).toEqual([
    { completeness: 0, worst: 0 },
    { completeness: 0.25, worst: 1 },
    { completeness: 0, worst: 0 },
    { completeness: 1, worst: 1 },
  ])
  // the newest hour is summed up some minutes behind its end
  expect(cellsOf([window(10 * hour, 12, 1)], 2, hour, 11 * hour).map(({ worst }) => worst)).toEqual([0, 1])
  expect(cellsOf([], 2, hour, 11 * hour).map(({ worst }) => worst)).toEqual([0, 0])
})
