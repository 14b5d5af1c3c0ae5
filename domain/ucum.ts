/** A unit as an exact ratio to the base units of its dimension (g, m, s, A and the counted things). */
export interface Ratio {
  num: bigint
  den: bigint
  /** Base units with their powers in name order, e.g. `g1 m-3`; empty for a plain number. */
  dimension: string
}

interface Atom {
  num: bigint
  den: bigint
  base: Readonly<Record<string, number>>
  /** May take a prefix such as m or k. */
  metric: boolean
}

const atom = (base: Atom['base'], num: bigint | number = 1n, den: bigint | number = 1n, metric = false): Atom => ({
  base,
  num: BigInt(num),
  den: BigInt(den),
  metric,
})
const metric = (base: Atom['base'], num: bigint | number = 1n, den: bigint | number = 1n): Atom => atom(base, num, den, true)

const pressure = { g: 1, m: -1, s: -2 }
/** Atoms of UCUM 2.1 that stations of water and air use. Counted things (NTU, cells, pH, Bq) are dimensions of their own. */
const atoms: ReadonlyMap<string, Atom> = new Map([
  ['m', metric({ m: 1 })],
  ['g', metric({ g: 1 })],
  ['s', metric({ s: 1 })],
  ['A', metric({ A: 1 })],
  ['t', metric({ g: 1 }, 1_000_000)],
  ['L', metric({ m: 3 }, 1, 1000)],
  ['l', metric({ m: 3 }, 1, 1000)],
  ['min', atom({ s: 1 }, 60)],
  ['h', atom({ s: 1 }, 3600)],
  ['d', atom({ s: 1 }, 86_400)],
  ['wk', atom({ s: 1 }, 604_800)],
  ['a', atom({ s: 1 }, 31_557_600)],
  ['Hz', metric({ s: -1 })],
  ['Pa', metric(pressure, 1000)],
  ['bar', metric(pressure, 100_000_000)],
  ['[psi]', atom(pressure, 6_894_757_293_168n, 1_000_000)],
  ['m[H2O]', metric(pressure, 9_806_650)],
  ['m[Hg]', metric(pressure, 133_322_387)],
  ['V', metric({ g: 1, m: 2, s: -3, A: -1 }, 1000)],
  ['W', metric({ g: 1, m: 2, s: -3 }, 1000)],
  ['J', metric({ g: 1, m: 2, s: -2 }, 1000)],
  ['S', metric({ g: -1, m: -2, s: 3, A: 2 }, 1, 1000)],
  ['mho', metric({ g: -1, m: -2, s: 3, A: 2 }, 1, 1000)],
  ['har', atom({ m: 2 }, 10_000)],
  ['[in_i]', atom({ m: 1 }, 254, 10_000)],
  ['[ft_i]', atom({ m: 1 }, 3048, 10_000)],
  ['[yd_i]', atom({ m: 1 }, 9144, 10_000)],
  ['[mi_i]', atom({ m: 1 }, 1_609_344, 1000)],
  ['[cft_i]', atom({ m: 3 }, 28_316_846_592n, 1_000_000_000_000n)],
  ['[gal_us]', atom({ m: 3 }, 3_785_411_784n, 1_000_000_000_000n)],
  ['[gal_br]', atom({ m: 3 }, 454_609, 100_000_000)],
  ['[kn_i]', atom({ m: 1, s: -1 }, 1852, 3600)],
  ['[lb_av]', atom({ g: 1 }, 45_359_237, 100_000)],
  ['%', atom({}, 1, 100)],
  ['[ppth]', atom({}, 1, 1000)],
  ['[ppm]', atom({}, 1, 1_000_000)],
  ['[ppb]', atom({}, 1, 1_000_000_000)],
  ['mol', metric({ mol: 1 })],
  ['Bq', metric({ Bq: 1 })],
  ['Gy', metric({ Gy: 1 })],
  ['Sv', metric({ Sv: 1 })],
  ['lx', metric({ lx: 1 })],
  ['deg', atom({ deg: 1 })],
  ['Cel', atom({ Cel: 1 })],
  ['K', atom({ K: 1 })],
  ['[degF]', atom({ '[degF]': 1 })],
  ['[pH]', atom({ '[pH]': 1 })],
  ['dB[SPL]', atom({ 'dB[SPL]': 1 })],
])

/** Power of ten of each prefix; `da` is not taken: nobody writes it. */
const prefixes: ReadonlyMap<string, number> = new Map([
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['h', 2],
  ['d', -1],
  ['c', -2],
  ['m', -3],
  ['u', -6],
  ['n', -9],
  ['p', -12],
])

/** Longest unit that is read; the longest of the catalogue has 11 characters. */
const longest = 40

/**
 * Reads a UCUM code: atoms with prefix and power, whole numbers and {annotations}, joined by `.` and `/`, from left to right, without
 * parentheses. An annotation alone is a counted thing and its own dimension. Returns null for anything else.
 */
export function parseUnit(text: string): Ratio | null {
  if (text === '' || text.length > longest) return null
  const parts = text.match(/[./]|\{[^{}]*\}|[^./{}]+/g) ?? []
  if (parts.join('') !== text) return null
  const powers = new Map<string, number>()
  const ratio = { num: 1n, den: 1n }
  let sign = 1
  let expectsUnit = !text.startsWith('/')
  for (const part of parts) {
    const isOperator = part === '.' || part === '/'
    if (isOperator === expectsUnit) return null
    expectsUnit = isOperator
    if (isOperator) sign = part === '/' ? -1 : 1
    else if (!multiply(ratio, powers, part, sign)) return null
  }
  return expectsUnit ? null : { ...ratio, dimension: dimensionOf(powers) }
}

function multiply(ratio: { num: bigint; den: bigint }, powers: Map<string, number>, part: string, sign: number): boolean {
  if (part.startsWith('{')) return addPower(powers, part, sign)
  if (/^[1-9]\d{0,8}$/.test(part)) return scale(ratio, BigInt(part), 1n, sign)
  const match = /^(.*?[^\d+-])([+-]?[1-9])?$/.exec(part)
  const found = match === null ? null : prefixed(match[1] ?? '')
  if (match === null || found === null) return false
  const power = sign * Number(match[2] ?? 1)
  for (const [name, exponent] of Object.entries(found.base)) addPower(powers, name, exponent * power)
  return scale(ratio, found.num, found.den, power)
}

function prefixed(name: string): Atom | null {
  const bare = atoms.get(name)
  if (bare !== undefined) return bare
  const ten = prefixes.get(name[0] ?? '')
  const rest = atoms.get(name.slice(1))
  if (ten === undefined || rest === undefined || !rest.metric) return null
  const factor = 10n ** BigInt(Math.abs(ten))
  return ten > 0 ? { ...rest, num: rest.num * factor } : { ...rest, den: rest.den * factor }
}

function addPower(powers: Map<string, number>, name: string, power: number): true {
  powers.set(name, (powers.get(name) ?? 0) + power)
  return true
}

function scale(ratio: { num: bigint; den: bigint }, num: bigint, den: bigint, power: number): true {
  const times = BigInt(Math.abs(power))
  const [up, down] = power > 0 ? [num, den] : [den, num]
  ratio.num *= up ** times
  ratio.den *= down ** times
  return true
}

function dimensionOf(powers: ReadonlyMap<string, number>): string {
  const kept = [...powers].filter(([, power]) => power !== 0)
  return kept
    .map(([name, power]) => `${name}${power}`)
    .sort()
    .join(' ')
}
