import type Type from 'typebox'
import type { KeyList, UserList } from '../api/schemas/people.ts'
import type { Asking } from './api-client.ts'
import { text, type Query } from './load.ts'
import type { AuditData } from './pages/audit.tsx'
import type { PeopleData } from './pages/people.tsx'

export async function loadPeople(asking: Asking): Promise<Pick<PeopleData, 'users' | 'keys'>> {
  const [{ users }, { keys }] = await Promise.all([
    asking.get<UserList>('/api/v1/users'),
    asking.get<Type.Static<typeof KeyList>>('/api/v1/keys'),
  ])
  return { users, keys }
}

export function loadAudit(asking: Asking, query: Query): Promise<AuditData> {
  const after = text(query.after)
  return asking.get(`/api/v1/audit?limit=100${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`)
}
