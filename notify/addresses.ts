import { BlockList, isIP } from 'node:net'

/**
 * Addresses that are not of the public Internet (IANA special-purpose registries for IPv4 and IPv6, RFC 6890 and its updates): this
 * machine, private and shared nets, link-local (cloud metadata stands there), multicast, documentation, benchmarks, and the ranges that
 * carry an IPv4 address inside (6to4, Teredo, NAT64).
 */
const v4: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24'],
  ...['203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
const v6: readonly string[] = [
  ...['::/128', '::1/128', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
  ...['5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]

const special = new BlockList()
for (const [family, ranges] of [
  ['ipv4', v4],
  ['ipv6', v6],
] as const)
  for (const range of ranges) {
    const [net = '', bits] = range.split('/')
    special.addSubnet(net, Number(bits), family)
  }

/** Whether an address is one of the public Internet. What is no address is not. IPv4 inside IPv6 (::ffff:…) counts as what it carries. */
export function isPublic(address: string): boolean {
  const family = isIP(address.split('%')[0] ?? '')
  if (family === 0 || address.includes('%')) return false
  return !special.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
