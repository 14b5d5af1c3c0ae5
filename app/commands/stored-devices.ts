import type { DeviceList, DeviceNote } from '../../api/schemas/device.ts'
import type { ApiClient } from './client.ts'

/** Of one answer at most. */
const atOnce = 1_000

/** All devices that are as asked for, in the order of their networks, page by page. */
export async function* storedDevices(
  client: Pick<ApiClient, 'get'>,
  asked: Readonly<Record<string, string>> = {},
): AsyncGenerator<DeviceNote> {
  const query = new URLSearchParams({ ...asked, limit: String(atOnce) })
  for (let cursor: string | null = ''; cursor !== null;) {
    if (cursor !== '') query.set('cursor', cursor)
    const list: DeviceList = await client.get(`/api/v1/devices?${query}`)
    yield* list.devices
    cursor = list.next
  }
}
