import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { ApiRefusal } from './api-client.ts'
import type { Assets } from './assets.ts'
import { packChart } from './chart.ts'
import { addressWith, appearanceOf, languageOf, ownPath } from './context.ts'
import { addForms, takeForms } from './forms.ts'
import { loadAudit } from './load-audit.ts'
import { loadPeople } from './load-people.ts'
import { loadDevices } from './load-devices.ts'
import { loadQuarantineEntry, loadMore, loadOverview, loadStation, loadWarning, loadWarnings, type Query } from './load.ts'
import { loadDevice } from './load-device.ts'
import { loadSimulation, loadSimulator } from './load-simulator.ts'
import { auditPage } from './pages/audit.tsx'
import { devicePage } from './pages/device.tsx'
import { devicesPage } from './pages/devices.tsx'
import { loginPage } from './pages/login.tsx'
import { morePage } from './pages/more.tsx'
import { noticePage } from './pages/notice.tsx'
import { overviewPage } from './pages/overview.tsx'
import { peoplePage } from './pages/people.tsx'
import { quarantineEntryPage } from './pages/quarantine-entry.tsx'
import { simulationPage } from './pages/simulation.tsx'
import { simulatorPage } from './pages/simulator.tsx'
import { stationPage } from './pages/station.tsx'
import { warningPage } from './pages/warning.tsx'
import { warningsPage } from './pages/warnings.tsx'
import { addPeopleForms } from './people-forms.ts'
import { addSimulatorForms } from './simulator-forms.ts'
import { documentOf, type PageContent } from './shell.tsx'
import { visits, type Show, type Visit, type VisitOf, type VisitParts } from './visit.ts'
import { contentPolicy, pageStyle } from './style.ts'

export interface ConsoleParts extends VisitParts {
  assets: Assets
}

/** Makes a page for a visit. Rejects with ApiRefusal where the api did not answer with what the page is about. */
type Make = (visit: Visit, id: string) => Promise<PageContent>

const pages: Readonly<Record<string, Make>> = {
  '/': async ({ asking, page, query }) => overviewPage(await loadOverview(asking, query), page),
  '/s/:id': async ({ asking, page, query }, id) => stationPage(await loadStation(asking, id, query, page), page),
  '/w': async ({ asking, page, query }) => warningsPage(await loadWarnings(asking, query), page),
  '/w/:id': async ({ asking, page, query }, id) => warningPage(await loadWarning(asking, id, query, page), page),
  '/devices': async ({ asking, page, query }) => devicesPage(await loadDevices(asking, query), page),
  '/d/:id': async ({ asking, page, query }, id) => devicePage(await loadDevice(asking, id, query), page),
  '/q/:id': async ({ asking, page }, id) => quarantineEntryPage(await loadQuarantineEntry(asking, id), page),
  '/sim': async ({ asking, page }) => simulatorPage(await loadSimulator(asking), page),
  '/sim/:id': async ({ asking, page }, id) => simulationPage(await loadSimulation(asking, id), page),
  '/people': async ({ asking, page }) => peoplePage({ ...(await loadPeople(asking)), secret: null, problem: null }, page),
  '/audit': async ({ asking, page, query }) => auditPage(await loadAudit(asking, query, page), page),
  '/more': async ({ asking, page }) => morePage(await loadMore(asking), page),
  '/login': async ({ page, query }) => loginPage({ next: ownPath(query.next), problem: null }, page),
}

/**
 * The console: pages made on the server from the api's answers, one script, charts as data for it. Register at the root.
 * Every page carries its own CSP; nothing is asked of other hosts.
 */
export function consolePlugin(parts: ConsoleParts): FastifyPluginAsync {
  const style = pageStyle(parts.assets.css)
  const show = pageSender(style, contentPolicy(style))
  const visitOf = visits(parts)
  return async (app) => {
    app.setErrorHandler(async (error, request, reply) => {
      const { page } = await visitOf(request)
      return show(reply, ...refused(error, page), page)
    })
    for (const [path, make] of Object.entries(pages)) {
      app.get(path, async (request, reply) => {
        if (wishesIn(request.query)) return keepWishes(request, reply)
        const visit = await visitOf(request)
        return show(reply, 200, await make(visit, idOf(request)), visit.page)
      })
    }
    addCharts(app, visitOf)
    addAssets(app, parts.assets)
    takeForms(app)
    await app.register(addForms({ visitOf, show }))
    await app.register(addPeopleForms({ visitOf, show }))
    await app.register(addSimulatorForms({ visitOf, show }))
  }
}

function pageSender(style: string, policy: string): Show {
  return (reply, status, content, page) =>
    reply
      .code(status)
      .header('content-security-policy', policy)
      .header('cache-control', 'no-store')
      .header('vary', 'accept-language, cookie')
      .header('referrer-policy', 'same-origin')
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(documentOf(content, page, style))
}

/** The status and the notice for what went wrong; what is not the api's refusal is thrown on. */
function refused(error: unknown, page: Visit['page']): [number, PageContent] {
  if (!(error instanceof ApiRefusal)) throw error
  // a wrong id in an address is answered 400 by the api, and is a page that is not there
  const status = error.status === 400 ? 404 : error.status
  return [status, noticePage(status, error.detail, page)]
}

const idOf = (request: FastifyRequest): string => {
  const { id } = request.params as { id?: string }
  return id ?? ''
}

const wishesIn = (query: unknown): boolean => {
  const { lang, theme } = query as Query
  return languageOf(lang) !== null || appearanceOf(theme) !== null
}

const year = 31_536_000

/** Keeps a language or appearance that the address asks for, and goes on to the address without it. */
function keepWishes(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { lang, theme } = request.query as Query
  const keep = (name: string, value: string | null): void => {
    if (value !== null) reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=${year}; SameSite=Lax`)
  }
  keep('gk_lang', languageOf(lang))
  keep('gk_theme', appearanceOf(theme))
  return reply.header('cache-control', 'no-store').redirect(ownPath(addressWith(request.url, { lang: null, theme: null })), 303)
}

function addCharts(app: FastifyInstance, visitOf: VisitOf): void {
  const sendChart = (load: (visit: Visit, id: string) => Promise<Pick<Awaited<ReturnType<typeof loadStation>>, 'chart' | 'size'>>) => {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        const { chart, size } = await load(await visitOf(request), idOf(request))
        return chart === null
          ? reply.code(404).send({ detail: 'there is no chart' })
          : reply.header('cache-control', 'no-store').send(packChart(chart, size))
      } catch (error) {
        if (!(error instanceof ApiRefusal)) throw error
        return reply.code(error.status).send({ detail: error.detail })
      }
    }
  }
  app.get(
    '/s/:id/chart.json',
    sendChart(({ asking, query, page }, id) => loadStation(asking, id, query, page)),
  )
  app.get(
    '/w/:id/chart.json',
    sendChart(({ asking, query, page }, id) => loadWarning(asking, id, query, page)),
  )
}

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#0b5394" d="M12 2c4 5 7 8 7 12a7 7 0 0 1-14 0c0-4 3-7 7-12z"/><path fill="none" stroke="#fff" stroke-width="1.6" d="M5.4 15c2.2-1.6 4.4-1.6 6.6 0s4.4 1.6 6.6 0"/></svg>'

function addAssets(app: FastifyInstance, { js, hash }: Assets): void {
  app.get(`/console/main.${hash}.js`, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=31536000, immutable').type('text/javascript; charset=utf-8').send(js),
  )
  app.get('/console/icon.svg', (_request, reply) => reply.header('cache-control', 'public, max-age=86400').type('image/svg+xml').send(icon))
}
