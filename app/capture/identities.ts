/** Device -> the name it gets. */
export type Identities = ReadonlyMap<string, string>

interface CaptureLine {
  device?: string
  topic?: string
  networks?: { network: { devices?: { id: string }[] } }[]
}

/**
 * A line of a capture under other names of devices: of a delivery its device and the level of its topic that names it, of the first line
 * the devices of its networks. Payloads stay the bytes they were; what they say of themselves (the MN of HJ 212) stays too.
 */
export function renamed(line: string, identities: Identities): string {
  const parsed = JSON.parse(line) as CaptureLine
  const nameOf = (name: string): string => identities.get(name) ?? name
  if (parsed.device !== undefined) {
    const own = parsed.device
    const topic = parsed.topic?.split('/').map((level) => (level === own ? nameOf(level) : level))
    return JSON.stringify({ ...parsed, device: nameOf(own), ...(topic && { topic: topic.join('/') }) })
  }
  if (parsed.networks === undefined) return line
  const networks = parsed.networks.map((one) => ({
    ...one,
    network: { ...one.network, devices: one.network.devices?.map((device) => ({ ...device, id: nameOf(device.id) })) ?? [] },
  }))
  return JSON.stringify({ ...parsed, networks })
}
