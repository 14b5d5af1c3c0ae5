import { createHash } from 'node:crypto'

const longest = 64

/** The station of a recorded name, which may hold letters that ids may not. */
export const stationIdOf = (recorded: string): string => idOf(recorded)

/** The login of a recorded station in one run; ids are unique over all networks, so the run stands in it. */
export const deviceIdOf = (run: string, recorded: string): string => idOf(`${run}-${stationIdOf(recorded)}`)

/** The name itself where it is an id; else what an id may keep of it and eight digits of its SHA-256, so that no two names become one. */
function idOf(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name.length <= longest) return name
  const digits = createHash('sha256').update(name).digest('hex').slice(0, 8)
  const kept = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, longest - digits.length - 1)
    .replace(/[^A-Za-z0-9]+$/, '')
  return `${kept || 'station'}-${digits}`
}
