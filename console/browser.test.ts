import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { chromium, needing } from '../testing/needing.ts'
import type { ObservationsEvent } from '../api/schemas/stream.ts'
import { observations } from './testing/sample.ts'
import { builtAssets, sampleServer, type SampleServer } from './testing/server.ts'
import { last, every } from './testing/sketches.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const options = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let browser: Browser | null = null
let server: SampleServer
let guests: SampleServer
let engineers: SampleServer
const found = chromium().found

beforeAll(async () => {
  if (found === null) return
  const assets = await builtAssets()
  server = await sampleServer({ assets, officer: true })
  guests = await sampleServer({ assets, empty: true })
  engineers = await sampleServer({ assets, engineer: true })
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  await guests.app.listen({ host: '127.0.0.1', port: 0 })
  await engineers.app.listen({ host: '127.0.0.1', port: 0 })
  browser = await playwright.launch({ executablePath: found, args: options })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  if (found === null) return
  await server.app.close()
  await guests.app.close()
  await engineers.app.close()
})

const addressOf = ({ app }: SampleServer): string => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

/** Opens a window; every message of the page's console and every request are kept. */
async function open(
  settings: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; context: BrowserContext; complaints: string[]; requests: string[] }> {
  if (browser === null) throw new Error('there is no browser')
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...settings })
  const page = await context.newPage()
  const [complaints, requests]: [string[], string[]] = [[], []]
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('request', (request) => void requests.push(request.url()))
  return { page, context, complaints, requests }
}

interface AxeResult {
  violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

async function axe(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  const result = (await page.evaluate(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })',
  )) as AxeResult
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
}

const phone = { viewport: { width: 390, height: 844 }, userAgent: 'Mobile', hasTouch: true }
const pages = ['/', '/?view=list', '/s/qingxi', '/w', '/w/w-qingxi-1', '/devices', '/d/rtu-mill-lane', '/login', '/more', '/s/nowhere']

describe('in a real browser', () => {
  const combinations = [
    ['en-GB', 'light', 'desk'],
    ['en-GB', 'dark', 'phone'],
    ['zh-CN', 'light', 'phone'],
    ['zh-CN', 'dark', 'desk'],
  ] as const
  for (const [locale, colorScheme, size] of combinations)
    needing(
      [chromium()],
      `axe finds nothing serious on any page: ${locale}, ${colorScheme}, ${size}`,
      async () => {
        const { page, context } = await open({ locale, colorScheme, ...(size === 'phone' && phone) })
        for (const url of pages) {
          await page.goto(addressOf(server) + url)
          expect([url, await axe(page)]).toEqual([url, []])
        }
        await page.goto(addressOf(guests))
        expect(await axe(page)).toEqual([])
        for (const url of ['/sim', '/sim/storm-1', '/w?run=storm-1']) {
          await page.goto(addressOf(engineers) + url)
          for (const details of await page.locator('details > summary').all()) await details.click()
          expect([url, await axe(page)]).toEqual([url, []])
          expect([url, await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)]).toEqual([url, 0])
        }
        for (const [order, run] of [
          ['load', 'load-10000-2'],
          ['replay', 'replay-0-2'],
        ] as const) {
          await page.goto(`${addressOf(engineers)}/sim`)
          await page.locator(order === 'load' ? '#load button' : '#replay button').click()
          await page.locator('#running').waitFor()
          expect([order, await axe(page)]).toEqual([order, []])
          await engineers.app.inject({ method: 'POST', url: `/api/v1/simulator/${run}/stop` })
          await page.goto(`${addressOf(engineers)}/sim/${run}`)
          expect([run, await axe(page)]).toEqual([run, []])
          expect([run, await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)]).toEqual([run, 0])
          await engineers.app.inject({ method: 'DELETE', url: `/api/v1/simulator/${run}` })
        }
        await context.close()
      },
      120_000,
    )

  needing([chromium()], 'the first view asks for at most six things, all of them ours, and nothing complains', async () => {
    for (const url of ['/', '/s/qingxi', '/w/w-qingxi-1']) {
      const { page, context, complaints, requests } = await open()
      await page.goto(addressOf(server) + url, { waitUntil: 'load' })
      await page.locator('html').evaluate(() => new Promise((done) => requestAnimationFrame(() => done(null))))
      expect([url, complaints]).toEqual([url, []])
      expect(requests.length).toBeLessThanOrEqual(6)
      for (const request of requests) expect(request.startsWith(addressOf(server))).toBe(true)
      await context.close()
    }
  })

  needing([chromium()], 'no page is wider than a phone, and what is touched is 44 px high', async () => {
    const { page, context } = await open(phone)
    for (const url of pages) {
      await page.goto(addressOf(server) + url)
      expect([url, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([url, 390])
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, .button, .tabs a, .rail a, .switch, summary, .counters a')]
          .map((one) => ({ text: one.textContent, height: one.getBoundingClientRect().height }))
          .filter(({ height }) => height > 0 && height < 44),
      )
      expect([url, small]).toEqual([url, []])
    }
    const button = await page.goto(`${addressOf(server)}/w/w-qingxi-1`).then(() => page.locator('.ack-bar .big').boundingBox())
    expect(button?.height).toBeGreaterThanOrEqual(64)
    expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThanOrEqual(844)
    await context.close()
  })

  needing([chromium()], 'the text of a warning is at least 18 px', async () => {
    const { page, context } = await open(phone)
    await page.goto(`${addressOf(server)}/w/w-qingxi-1`)
    const least = await page.evaluate(() =>
      Math.min(
        ...[...document.querySelectorAll('main p, main li, main dd, main dt, main a, main button')].map((one) =>
          parseFloat(getComputedStyle(one).fontSize),
        ),
      ),
    )
    expect(least).toBeGreaterThanOrEqual(18)
    await context.close()
  })

  needing([chromium()], 'the chart is read with the keyboard: arrows, Home, End, days, table', async () => {
    const { page, context } = await open()
    await page.goto(`${addressOf(server)}/s/qingxi`)
    const chart = page.locator('.chart')
    const readout = page.locator('.readout')
    await page.waitForResponse((response) => response.url().includes('chart.json'))
    const says = async (key: string, words: RegExp) => {
      await chart.focus()
      await expectSoon(async () => {
        await page.keyboard.press(key)
        return readout.textContent()
      }, words)
    }
    await says('End', /22 Nov 2026 02:40 · 3\.40 m · good/)
    await says('Home', /17 Nov 2026 02:45/)
    await page.keyboard.press('ArrowRight')
    expect(await readout.textContent()).toMatch(/17 Nov 2026 02:50/)
    await page.keyboard.press('PageDown')
    expect(await readout.textContent()).toMatch(/18 Nov 2026 02:50/)
    await page.keyboard.press('t')
    expect(await page.locator('details.twin').getAttribute('open')).not.toBeNull()
    await context.close()
  })

  needing([chromium()], 'a new reading is on the page and on the chart as it comes', async () => {
    const { page, context } = await open()
    const [row] = observations('qingxi/water_level/1', last, last + 1)
    if (!row) throw new Error('the sample has changed')
    const fresh: ObservationsEvent = {
      commit: 9,
      observations: [{ ...row, observedAt: last + every, receivedAt: last + every, value: 3.97 }],
    }
    await page.goto(addressOf(server))
    const value = page.locator('[data-value="qingxi/water_level/1"]')
    expect(await value.textContent()).toBe('3.40 m')
    await expectSoon(async () => {
      server.emit('observations', fresh)
      return value.textContent()
    }, /3\.97 m/)
    await page.goto(`${addressOf(server)}/s/qingxi`)
    await expectSoon(async () => {
      server.emit('observations', fresh)
      return page.locator('.chart desc').textContent()
    }, /Newest 3\.97 m at 22 Nov 2026 02:45/)
    await context.close()
  })

  needing([chromium()], 'a warning is acknowledged with one click, without leaving the page', async () => {
    const { page, context } = await open()
    await page.goto(`${addressOf(server)}/w/w-lower-weir-2`)
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    await page.fill('.ack-bar input', 'Gate opened')
    await page.click('.ack-bar button')
    await page.waitForSelector('text=Acknowledged by officer')
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
    await context.close()
  })

  needing([chromium()], 'a lost connection is said in words, and gone when it is back', async () => {
    const own = await sampleServer({ assets: await builtAssets() })
    await own.app.listen({ host: '127.0.0.1', port: 0 })
    const { page, context } = await open()
    await page.goto(addressOf(own))
    await context.setOffline(true)
    own.hangUp()
    await page.waitForSelector('#lost:not([hidden])')
    expect(await page.locator('#lost').textContent()).toMatch(/^Connection lost .* ago\. Showing values from \d+ \w+ \d{4} /)
    await context.setOffline(false)
    await page.waitForSelector('#lost', { state: 'hidden' })
    await context.close()
    await own.app.close()
  })

  needing([chromium()], 'a simulation is started with one click, followed, and its end is seen without leaving the page', async () => {
    const { page, context, complaints } = await open()
    await page.goto(`${addressOf(engineers)}/sim#storm`)
    await page.locator('#storm button').click()
    await page.locator('#running progress').waitFor()
    await page.locator('#running .ts').waitFor()
    expect(await page.locator('#running [role="status"]').textContent()).toMatch(
      /^So far 2 true events, 1 of them warned of; 1 warning of none\./,
    )
    expect(await page.locator('#start button').count()).toBe(0)
    await page.evaluate(() => void (document.body.dataset.same = 'yes'))
    await engineers.app.inject({ method: 'POST', url: '/api/v1/simulator/storm-1-2/stop' })
    await page.locator('[data-poll]').waitFor({ state: 'detached' })
    await page.locator('#past a[href="/sim/storm-1-2"]').waitFor()
    expect(await page.evaluate(() => document.body.dataset.same)).toBe('yes')
    expect(await page.locator('#storm button').count()).toBe(1)
    await page.locator('#past a[href="/sim/storm-1-2"]').click()
    await page.locator('details.removal summary').click()
    await page.locator('details.removal button').click()
    await page.locator('#past').waitFor()
    expect(await page.locator('#past a[href="/sim/storm-1-2"]').count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })

  needing([chromium()], 'while a simulation runs, the page takes in what is new: same elements, same focus, same open table', async () => {
    const own = await sampleServer({ assets: await builtAssets(), engineer: true })
    await own.app.listen({ host: '127.0.0.1', port: 0 })
    const { page, context, complaints } = await open()
    await page.goto(`${addressOf(own)}/sim`)
    await page.locator('#storm button').click()
    const status = page.locator('#running [role="status"]')
    await page.locator('#running details summary').click()
    await page.locator('#running .scroll').focus()
    await status.evaluate((one) => void Object.assign(one, { stayed: true }))
    // the second round of the sample simulation has one warning more
    own.goOn()
    await expectSoon(() => status.textContent(), /2 warnings of none/)
    expect(await status.evaluate((one) => 'stayed' in one)).toBe(true)
    expect(await page.locator('#running details').getAttribute('open')).not.toBeNull()
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('scroll')
    expect(await page.locator('#running .ts-bar').count()).toBe(5)
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
    await own.app.close()
  })

  needing([chromium()], 'language and appearance change with one click each, and stay', async () => {
    const { page, context } = await open()
    await page.goto(`${addressOf(server)}/s/qingxi`)
    await page.click('text=中文')
    expect(await page.locator('h1').textContent()).toContain('清溪站')
    await page.click('#theme')
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await page.goto(`${addressOf(server)}/w`)
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual(['zh-CN', 'dark'])
    await context.close()
  })
})

/** Does something again and again until its text fits: the page takes its time, the test does not guess how long. */
async function expectSoon(read: () => Promise<string | null>, words: RegExp): Promise<void> {
  const until = Date.now() + 10_000
  for (;;) {
    const text = (await read()) ?? ''
    if (words.test(text)) return
    if (Date.now() > until) throw new Error(`waited for ${String(words)}, saw: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
