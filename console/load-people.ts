import type Type from 'typebox'
import type { KeyList, UserList } from '../api/schemas/people.ts'
import type { Asking } from './api-client.ts'
import type { PeopleData } from './pages/people.tsx'

export async function loadPeople(asking: Asking): Promise<Pick<PeopleData, 'users' | 'keys'>> {
  const [{ users }, { keys }] = await Promise.all([
    asking.get<UserList>('/api/v1/users'),
    asking.get<Type.Static<typeof KeyList>>('/api/v1/keys'),
  ])
  return { users, keys }
}
