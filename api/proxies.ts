import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** A proxy as it stands in `api.trustedProxies`: an address, or a network like 10.0.0.0/8. */
export const proxyPattern = '^[0-9A-Fa-f:.]+(/\\d{1,3})?$'

/** Proxies whose word on where a request comes from is taken. */
export interface Proxies {
  trusts(address: string): boolean
  /** Where a request comes from: the last address in X-Forwarded-For that is none of a trusted proxy. */
  clientOf(request: IncomingMessage): string
}

/** @throws RangeError when one is neither an address nor a network. */
export function createProxies(list: readonly string[]): Proxies {
  const trusted = new BlockList()
  for (const one of list) add(trusted, one)
  const trusts = (address: string): boolean => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
    const version = isIP(plain)
    return list.length > 0 && version !== 0 && trusted.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
  return {
    trusts,
    clientOf({ socket, headers }) {
      const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
      const hops = [...forwarded.map((hop) => hop.trim()).filter((hop) => hop !== ''), socket.remoteAddress ?? 'unknown']
      return hops.findLast((hop) => !trusts(hop)) ?? hops[0] ?? 'unknown'
    },
  }
}

function add(trusted: BlockList, text: string): void {
  const [address = '', prefix] = text.split('/')
  const version = isIP(address)
  const most = version === 6 ? 128 : 32
  if (version === 0 || Number(prefix ?? 0) > most) throw new RangeError(`"${text}" is neither an address nor a network like 10.0.0.0/8`)
  trusted.addSubnet(address, Number(prefix ?? most), version === 6 ? 'ipv6' : 'ipv4')
}
