import { Nothing } from '../parts/nothing.tsx'
import type { PageContext } from '../context.ts'
import type { PageContent } from '../shell.tsx'

/** Why there is no page, in words, and the way on. `detail` is the api's own sentence. */
export function noticePage(status: number, detail: string, page: PageContext): PageContent {
  const { t } = page
  const kind =
    status === 202 ? 'waiting' : status === 404 ? 'notFound' : status === 401 ? 'login' : status === 403 ? 'refused' : 'unavailable'
  const title = {
    notFound: t.titles.notFound,
    login: t.titles.loginNeeded,
    refused: t.titles.refused,
    unavailable: t.titles.unavailable,
    waiting: t.titles.waiting,
  }[kind]
  const href = { notFound: '/', login: `/login?next=${encodeURIComponent(page.url)}`, refused: '/', unavailable: page.url, waiting: '/' }[
    kind
  ]
  return {
    title,
    tab: null,
    live: null,
    kind: 'notice',
    body: (
      <>
        <h1>{title}</h1>
        <Nothing words={t.problem[kind]} href={href} />
        {detail !== '' && page.language === 'en' && <p class="small">{detail}</p>}
      </>
    ),
  }
}
