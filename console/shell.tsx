import type { ComponentChildren } from 'preact'
import { render } from 'preact-render-to-string'
import { addressWith, type Appearance, type PageContext } from './context.ts'
import { Icon, type IconName } from './parts/icons.tsx'

export type Tab = 'overview' | 'stations' | 'warnings' | 'devices' | 'simulator' | 'more'

/** A page without its frame. */
export interface PageContent {
  title: string
  tab: Tab | null
  /** Live events that change it; null = none. */
  live: { stations: readonly string[] | null } | null
  /** Class of the main part: decides on its size of text. */
  kind: string
  body: ComponentChildren
}

/** The whole document, with all its style within it (its hash stands in the CSP) and one script. */
export function documentOf(content: PageContent, page: PageContext, style: string): string {
  const { t, language, appearance } = page
  const title = `${content.title} · Gaugekeeper`
  const stream = content.live && streamOf(content.live.stations)
  const shown = (
    <html lang={language === 'zh' ? 'zh-CN' : 'en'} data-theme={appearance} data-now={page.now} {...(stream && { 'data-stream': stream })}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content={appearance === 'system' ? 'light dark' : appearance} />
        <title>{title}</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
        <style dangerouslySetInnerHTML={{ __html: style }} />
        <script type="module" src={page.script}></script>
      </head>
      <body>
        <a class="skip" href="#main">
          {t.buttons.skip}
        </a>
        <Header page={page} />
        <Navigation page={page} tab={content.tab} />
        <p id="lost" role="status" hidden></p>
        <main id="main" class={content.kind} tabIndex={-1}>
          {content.body}
        </main>
      </body>
    </html>
  )
  return `<!doctype html>${render(shown)}`
}

function streamOf(stations: readonly string[] | null): string {
  const some = stations === null ? '' : `&stations=${stations.map(encodeURIComponent).join(',')}`
  return `/api/v1/stream?topics=observations,warnings${some}`
}

const nextAppearance: Readonly<Record<Appearance, Appearance>> = { system: 'dark', dark: 'light', light: 'system' }

function Header({ page }: { page: PageContext }) {
  const { t, session, url, appearance } = page
  const otherLanguage = page.language === 'en' ? 'zh' : 'en'
  return (
    <header class="top">
      <a class="brand" href="/">
        <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
          <path class="drop" d="M12 2c4 5 7 8 7 12a7 7 0 0 1-14 0c0-4 3-7 7-12z" />
          <path class="wave" d="M5.4 15c2.2-1.6 4.4-1.6 6.6 0s4.4 1.6 6.6 0" />
        </svg>
        Gaugekeeper
      </a>
      <form class="search" role="search" action="/" method="get">
        <label>
          <span class="visually-hidden">{t.buttons.search}</span>
          <input name="q" type="search" placeholder={`${t.buttons.search}  /`} autocomplete="off" />
        </label>
      </form>
      <a
        class="switch"
        href={addressWith(url, { lang: otherLanguage })}
        hreflang={otherLanguage === 'zh' ? 'zh-CN' : 'en'}
        lang={otherLanguage === 'zh' ? 'zh-CN' : 'en'}
      >
        {t.buttons.otherLanguage}
      </a>
      <a
        class="switch"
        id="theme"
        href={addressWith(url, { theme: nextAppearance[appearance] })}
        aria-label={`${t.buttons.theme}: ${t.buttons[appearance]}`}
        title={`${t.buttons.theme}: ${t.buttons[appearance]}`}
      >
        <Icon name="theme" />
      </a>
      {session.user ? (
        <a class="switch user" href="/more">
          {session.user.name}
        </a>
      ) : (
        <a class="switch user" href={url.startsWith('/login') ? url : `/login?next=${encodeURIComponent(url)}`}>
          {t.buttons.logIn}
        </a>
      )}
    </header>
  )
}

/** Whether the reader's role may start simulations; the api decides all the same. */
export const maySimulate = ({ session }: PageContext): boolean =>
  session.user?.role === 'engineer' || session.user?.role === 'administrator'

function Navigation({ page, tab }: { page: PageContext; tab: Tab | null }) {
  const { titles } = page.t
  const item = (own: Tab, href: string, name: ComponentChildren, only = '') => (
    <li class={only}>
      <a href={href} {...(tab === own && { 'aria-current': 'page' as const })}>
        <Icon name={own satisfies IconName} />
        <span>{name}</span>
      </a>
    </li>
  )
  return (
    <nav class="rail">
      <ul>
        {item(
          'overview',
          '/',
          <>
            <span class="desk">{titles.overview}</span>
            <span class="phone">{titles.map}</span>
          </>,
        )}
        {item('warnings', '/w', titles.warnings)}
        {item('stations', '/?view=list', titles.stations, 'phone')}
        {item('devices', '/devices', titles.devices, 'desk')}
        {maySimulate(page) && item('simulator', '/sim', page.t.simulator.titles.simulator, 'desk')}
        {item('more', '/more', titles.more)}
      </ul>
    </nav>
  )
}
