import type Type from 'typebox'
import type { KeyNote, UserList } from '../../api/schemas/people.ts'
import type { PageContext } from '../context.ts'
import { OwnMoment } from '../parts/age.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'
import type { PageContent } from '../shell.tsx'

export interface PeopleData {
  users: UserList['users']
  keys: Type.Static<typeof KeyNote>[]
  /** A password or key that was just made; it is shown this once. */
  secret: { what: string; text: string } | null
  /** What was wrong with the last order; null = nothing. */
  problem: string | null
}

/** Who logs in, and which programs hold keys; for administrators. Works without any script. */
export function peoplePage(data: PeopleData, page: PageContext): PageContent {
  const { titles, say } = page.t.control
  return {
    title: titles.people,
    tab: 'more',
    live: null,
    kind: 'people',
    body: (
      <>
        <h1>{titles.people}</h1>
        {data.problem !== null && (
          <p class="problem" role="alert">
            {data.problem}
          </p>
        )}
        {data.secret !== null && (
          <div class="nothing" role="status">
            <p>{say.shownOnce(data.secret.what)}</p>
            <pre>{data.secret.text}</pre>
          </div>
        )}
        <Users users={data.users} page={page} />
        <AddUser page={page} />
        <h2>{titles.keys}</h2>
        {data.keys.length > 0 && <Keys keys={data.keys} page={page} />}
        <MakeKey page={page} />
      </>
    ),
  }
}

function Users({ users, page }: { users: PeopleData['users']; page: PageContext }) {
  const { columns, buttons, say } = page.t.control
  return (
    <ScrollTable name={page.t.control.titles.people} heads={[columns.name, columns.role, '']}>
      {users.map(({ name, role, mustChangePassword }) => (
        <tr key={name}>
          <th scope="row">
            {name} {mustChangePassword && <small>{say.mustChange}</small>}
          </th>
          <td>
            <form method="post" action={`/people/${encodeURIComponent(name)}/role`}>
              <RoleChoice chosen={role} page={page} /> <button type="submit">{buttons.setRole}</button>
            </form>
          </td>
          <td>
            <Order action={`/people/${encodeURIComponent(name)}/reset`} text={buttons.reset} />{' '}
            <Sure action={`/people/${encodeURIComponent(name)}/remove`} text={buttons.remove} what={page.t.control.say.removes(name)} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  )
}

function RoleChoice({ chosen, page }: { chosen: string; page: PageContext }) {
  const { role, columns } = page.t.control
  return (
    <select name="role" aria-label={columns.role}>
      {Object.entries(role).map(([one, name]) => (
        <option key={one} value={one} selected={one === chosen}>
          {name}
        </option>
      ))}
    </select>
  )
}

/** A button that asks for one thing. */
function Order({ action, text }: { action: string; text: string }) {
  return (
    <form class="order" method="post" action={action}>
      <button type="submit">{text}</button>
    </form>
  )
}

/** What cannot be taken back: the button stands behind a word that opens it, beside what it does. */
function Sure({ action, text, what }: { action: string; text: string; what: string }) {
  return (
    <details>
      <summary>{text}…</summary>
      <p>{what}</p>
      <Order action={action} text={text} />
    </details>
  )
}

function AddUser({ page }: { page: PageContext }) {
  const { columns, buttons } = page.t.control
  return (
    <form class="card" method="post" action="/people">
      <label>
        <span>{columns.name}</span>
        <input name="name" required maxLength={64} pattern="[a-z0-9][a-z0-9._\-]*" autocomplete="off" />
      </label>
      <label>
        <span>{columns.role}</span>
        <RoleChoice chosen="officer" page={page} />
      </label>
      <button type="submit">{buttons.add}</button>
    </form>
  )
}

function Keys({ keys, page }: { keys: PeopleData['keys']; page: PageContext }) {
  const { columns, buttons, scope, say, titles } = page.t.control
  return (
    <ScrollTable name={titles.keys} heads={[columns.name, columns.scopes, columns.madeBy, columns.expires, columns.lastUsed, '']}>
      {keys.map(({ id, name, scopes, madeBy, expiresAt, lastUsedAt }) => (
        <tr key={id}>
          <th scope="row">
            {name} <small>{id}…</small>
          </th>
          <td>{scopes.map((one) => scope[one]).join(', ')}</td>
          <td>{madeBy}</td>
          <td>{expiresAt === null ? say.forever : <OwnMoment at={expiresAt} page={page} />}</td>
          <td>{lastUsedAt === null ? say.notUsed : <OwnMoment at={lastUsedAt} page={page} />}</td>
          <td>
            <Sure action={`/people/keys/${encodeURIComponent(id)}/revoke`} text={buttons.revoke} what={say.revokes(name)} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  )
}

function MakeKey({ page }: { page: PageContext }) {
  const { columns, buttons, scope } = page.t.control
  return (
    <form class="card" method="post" action="/people/keys">
      <label>
        <span>{columns.name}</span>
        <input name="name" required maxLength={64} autocomplete="off" />
      </label>
      <fieldset>
        <legend>{columns.scopes}</legend>
        {Object.entries(scope).map(([one, name]) => (
          <label class="choice" key={one}>
            <input type="checkbox" name={`scope-${one}`} value="1" checked={one === 'read'} /> {name}
          </label>
        ))}
      </fieldset>
      <label>
        <span>{columns.days}</span>
        <input name="days" type="number" min={0} max={3650} value={365} required />
      </label>
      <button type="submit">{buttons.makeKey}</button>
    </form>
  )
}
