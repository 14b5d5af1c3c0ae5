import type { PageContext } from '../context.ts'
import type { PageContent } from '../shell.tsx'

export interface LoginData {
  /** Where to go afterwards: a path of ours. */
  next: string
  /** What was wrong with the last try; null = first one. */
  problem: string | null
}

/** Log in; with the one-time password, choose another one. */
export function loginPage(data: LoginData, page: PageContext): PageContent {
  const { t, session } = page
  const change = session.user?.mustChangePassword === true
  return {
    title: change ? t.titles.password : t.titles.login,
    tab: 'more',
    live: null,
    kind: 'login',
    body: (
      <>
        <h1>{change ? t.titles.password : t.titles.login}</h1>
        {change && <p>{t.say.oneTime}</p>}
        {data.problem !== null && (
          <p class="problem" role="alert">
            {data.problem}
          </p>
        )}
        {change ? <ChangeForm next={data.next} page={page} /> : <LoginForm next={data.next} page={page} />}
      </>
    ),
  }
}

function LoginForm({ next, page }: { next: string; page: PageContext }) {
  const { columns, buttons } = page.t
  return (
    <form class="card" method="post" action="/login">
      <input type="hidden" name="next" value={next} />
      <label>
        <span>{columns.user}</span>
        <input name="user" autocomplete="username" required maxLength={64} autofocus />
      </label>
      <label>
        <span>{columns.password}</span>
        <input name="password" type="password" autocomplete="current-password" required maxLength={256} />
      </label>
      <button type="submit">{buttons.logIn}</button>
    </form>
  )
}

function ChangeForm({ next, page }: { next: string; page: PageContext }) {
  const { columns, buttons } = page.t
  return (
    <form class="card" method="post" action="/login/password">
      <input type="hidden" name="next" value={next} />
      <label>
        <span>{columns.current}</span>
        <input name="current" type="password" autocomplete="current-password" required maxLength={256} />
      </label>
      <label>
        <span>{columns.next}</span>
        <input name="password" type="password" autocomplete="new-password" required minLength={10} maxLength={256} />
      </label>
      <button type="submit">{buttons.changePassword}</button>
    </form>
  )
}
