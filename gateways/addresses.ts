import { BlockList, isIP } from 'node:net'

/** Whether an address is in a list of addresses and networks (CIDR); an empty list has all. Entries were checked by the network file. */
export function createAddressList(entries: readonly string[]): (address: string) => boolean {
  if (entries.length === 0) return () => true
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address)
    if (family === 0) continue
    const name = family === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, name)
    else list.addSubnet(address, Math.min(Number(bits), family === 6 ? 128 : 32), name)
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
