import type { Readiness } from '../../api/schemas/health.ts'
import { addressWith, appearances, type PageContext } from '../context.ts'
import { maySimulate, type PageContent } from '../shell.tsx'

/** What has no tab of its own: devices, login, language, appearance, the checks of the system. */
export function morePage({ readiness }: { readiness: Readiness | null }, page: PageContext): PageContent {
  const { t, session, language, appearance } = page
  return {
    title: t.titles.more,
    tab: 'more',
    live: null,
    kind: 'more',
    body: (
      <>
        <h1>{t.titles.more}</h1>
        <p class="tabs">
          <a href="/devices">{t.titles.devices}</a>
          {maySimulate(page) && <a href="/sim">{t.simulator.titles.simulator}</a>}
          {session.user?.role === 'administrator' && (
            <>
              <a href="/people">{t.control.titles.people}</a>
              <a href="/audit">{t.control.titles.audit}</a>
            </>
          )}
          <a href="/docs">API</a>
          <a href={addressWith(page.url, { lang: language === 'en' ? 'zh' : 'en' })} lang={language === 'en' ? 'zh-CN' : 'en'}>
            {t.buttons.otherLanguage}
          </a>
        </p>
        <h2>{t.buttons.theme}</h2>
        <p class="tabs">
          {appearances.map((one) => (
            <a key={one} href={addressWith(page.url, { theme: one })} {...(one === appearance && { 'aria-current': 'true' as const })}>
              {t.buttons[one]}
            </a>
          ))}
        </p>
        <h2>{t.titles.login}</h2>
        {session.user ? (
          <form method="post" action="/logout">
            <p>{t.say.signedInAs(session.user.name, session.user.role)}</p>
            <button type="submit">{t.buttons.logOut}</button>
          </form>
        ) : (
          <p>
            {session.simulatedOnly && t.say.notSignedIn}{' '}
            <a class="button" href="/login">
              {t.buttons.logIn}
            </a>
          </p>
        )}
        <h2>{t.titles.system}</h2>
        <Checks readiness={readiness} page={page} />
        <p class="small">{t.say.version(page.version)}</p>
      </>
    ),
  }
}

function Checks({ readiness, page }: { readiness: Readiness | null; page: PageContext }) {
  const { t } = page
  if (readiness === null) return <p>{t.problem.unavailable.reason}</p>
  if (readiness.checks.every((check) => check.ok)) return <p>✓ {t.say.well}</p>
  return (
    <ul>
      {readiness.checks
        .filter((check) => !check.ok)
        .map((check) => (
          <li key={check.name}>
            <strong>{check.name}</strong> {check.detail}
          </li>
        ))}
    </ul>
  )
}
