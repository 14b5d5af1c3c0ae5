/** Device -> the name it gets. */
export type Identities = ReadonlyMap<string, string>

interface CaptureLine {
  device?: string
  topic?: string
  networks?: { network: { devices?: { id: string }[] } }[]
}

/**
 * What keeps the first line of a capture from being told under other names, in a sentence; null when nothing does: a device that it does not
 * have (a slip would give the real name away), or one name for two.
 */
export function identityProblem(firstLine: string, identities: Identities): string | null {
  const { networks = [] } = JSON.parse(firstLine) as CaptureLine
  const devices = networks.flatMap(({ network }) => network.devices?.map(({ id }) => id) ?? [])
  const known = new Set(devices)
  const stranger = [...identities.keys()].find((device) => !known.has(device))
  if (stranger !== undefined) return `the capture has no device ${stranger}`
  const owners = new Map<string, string>()
  for (const device of known) {
    const name = identities.get(device) ?? device
    const owner = owners.get(name)
    if (owner !== undefined) return `${owner} and ${device} would both be ${name}`
    owners.set(name, device)
  }
  return null
}

/**
 * A line of a capture under other names of devices: of a delivery its device and the level of its topic that names it, of the first line
 * the devices of its networks. Stations keep their ids. Payloads stay the bytes they were; what they say of themselves (the MN of HJ 212)
 * stays too.
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
