/**
 * Which box may import which: the drawing of the house as a lint rule, without exemptions (tests may reach for fakes of other boxes).
 * `ports` are the store's interfaces; `schemas` the api's types.
 */
const boxes = {
  domain: [],
  gateways: ['domain'],
  broker: ['domain'],
  ingest: ['domain', 'store/ports', 'store/errors'],
  store: ['domain'],
  analytics: ['domain', 'store/ports', 'store/errors'],
  figures: ['domain'],
  notify: ['domain', 'store/ports', 'store/errors', 'figures'],
  api: ['domain', 'store/ports', 'store/errors', 'figures'],
  console: ['domain', 'figures', 'api/schemas'],
  'devices-sim': ['domain', 'ingest/codecs', 'gateways'],
  grafana: ['domain'],
}

const names = [...Object.keys(boxes), 'app', 'e2e', 'bench']

/** Matches a relative path that leaves `box` for something outside `allowed`. */
function forbidden(box, allowed) {
  const others = names.filter((name) => name !== box && !allowed.includes(name))
  return others.map((name) => {
    const inside = allowed.filter((place) => place.startsWith(`${name}/`)).map((place) => place.slice(name.length + 1))
    const except = inside.length ? `(?!(?:${inside.join('|')})(?:/|\\.|$))` : ''
    return {
      regex: `^(?:\\./)?(?:\\.\\./)+${name}/${except}`,
      message: `${box}/ may import only ${allowed.join(', ') || 'nothing of ours'} (docs/architecture.md).`,
    }
  })
}

const clocks = [
  { object: 'Date', property: 'now', message: 'Time is an input: app/ passes the clock in.' },
  { object: 'Math', property: 'random', message: 'Randomness is an input: app/ passes it in.' },
  { object: 'process', property: 'env', message: 'Only app/ reads the environment.' },
]

export const walls = Object.entries(boxes).map(([box, allowed]) => ({
  files: [`${box}/**/*.ts`, `${box}/**/*.tsx`],
  ignores: ['**/*.test.ts', '**/*.test.tsx', 'store/contract.ts', '**/testing/**', 'console/browser/**'],
  rules: {
    'no-restricted-imports': ['error', { patterns: forbidden(box, allowed) }],
    'no-restricted-properties': ['error', ...clocks],
  },
}))
