import { randomBytes, randomUUID } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import Value from 'typebox/value'
import { openAuthority } from '../../app/certificates/authority.ts'
import { idAt, pageOfAudit } from '../../app/audit-pages.ts'
import { createDeviceCertificates } from '../../app/certificates/device-certificates.ts'
import type { Accept, Delivery } from '../../domain/delivery.ts'
import type { MappingVersion } from '../../domain/device-mapping.ts'
import type { Audit, AuditNote } from '../../domain/audit.ts'
import { createLiveHub, type LiveHub } from '../../domain/events.ts'
import { createFleet, type Fleet } from '../../domain/fleet.ts'
import type { Gap } from '../../domain/gap.ts'
import { deviceId, runId, type RunId } from '../../domain/ids.ts'
import { takeTurns } from '../../domain/in-turn.ts'
import { createLoginPace } from '../../domain/login-pace.ts'
import type { Network } from '../../domain/network.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { createAmendmentDesk } from '../../ingest/amendment-desk.ts'
import { createClockReports } from '../../ingest/clock-reports.ts'
import { createClockWatch } from '../../ingest/clock-watch.ts'
import { createRepairDesk } from '../../ingest/repair-desk.ts'
import { createTurns } from '../../ingest/turns.ts'
import type { Receipt } from '../../domain/receipt.ts'
import { createMemoryStore } from '../../store/memory.ts'
import { commitOf, countOf, hour, minute, quarantinedOf, seriesOf, start, storedRow, warningOf } from '../../store/testing/rows.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import { createApi } from '../app.ts'
import { createClaims } from '../claims.ts'
import { ApiConfig } from '../config.ts'
import type { ApiParts, DeviceProblem, RunDesk, RunSummary, WarningDesk } from '../parts.ts'
import { createKeys } from '../keys.ts'
import { createPasswordLines } from '../passwords.ts'
import { createPeople } from '../people.ts'
import { sampleSimulator } from './simulator.ts'

export { hour, minute, seriesOf, start, storedRow }

/** A house around the api that remembers what it was told. */
export interface TestHouse {
  app: FastifyInstance
  parts: ApiParts
  store: Store
  live: LiveHub
  deliveries: Delivery[]
  ticks: { run: RunId; at: number }[]
  faults: string[]
  noted: AuditNote[]
  clock: { now: number }
  admin: { user: string; password: string }
  /** Commits rows and tells the listeners, as the pipeline does. */
  commit(rows: readonly StoredRow[]): Promise<void>
  /** Asks as the command line does. */
  cli(options: InjectOptions | string): Promise<LightMyRequestResponse>
  /** Asks without a login. */
  anyone(options: InjectOptions | string): Promise<LightMyRequestResponse>
  /** Logs in with the password set, and returns the cookie header. */
  loggedIn(): Promise<string>
}

export interface HouseOptions {
  store?: Store
  empty?: boolean
  parts?: Partial<ApiParts>
  config?: Partial<ApiConfig>
}

const token = 'token-of-the-command-line'
export const newPassword = 'a better password'

/** One simulated network (demo: qingxi above lower-weir) and one real one (real-gauge). */
export const demoNetwork = {
  network: { id: 'demo', name: { en: 'Demo catchment', zh: '示范流域' }, timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
  stations: [
    {
      id: 'qingxi',
      name: { en: 'Qingxi', zh: '清溪站' },
      kind: 'river',
      location: { lon: 121.42, lat: 28.66 },
      reach: { downstream: 'lower-weir', travelTime: '5h', length: '18 km' },
      targetClass: 'III',
      sensors: [
        { parameter: 'water_level', every: '5m', stages: { guarantee: 4, warning: 3, record: 4.8 } },
        { parameter: 'rainfall', every: '5m' },
      ],
    },
    { id: 'lower-weir', name: { en: 'Lower weir', zh: '下堰' }, kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] },
  ],
  devices: [{ id: 'rtu-0017', protocol: 'mqtt', stations: ['qingxi'] }],
}
const realNetwork = {
  network: { id: 'real', name: { en: 'Real', zh: '真实' }, timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'real-gauge', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] }],
  devices: [{ id: 'rtu-real', protocol: 'mqtt', stations: ['real-gauge'] }],
}

const networks = (): Network[] => [
  readNetwork(demoNetwork, { file: null, run: runId('demo') }),
  readNetwork(realNetwork, { file: 'real.yaml', run: null }),
]

export async function testHouse({
  store = createMemoryStore(),
  empty = false,
  parts: other = {},
  config = {},
}: HouseOptions = {}): Promise<TestHouse> {
  const fleet = createFleet(empty ? [] : networks())
  const clock = { now: start + 2 * hour }
  const live = createLiveHub()
  const [deliveries, faults, ticks]: [Delivery[], string[], { run: RunId; at: number }[]] = [[], [], []]
  const now = (): number => clock.now
  const noted: AuditNote[] = []
  const accept = async (delivery: Delivery): Promise<number> => deliveries.push(delivery)
  const people = createPeople({ documents: store.documents, passwordLine: createPasswordLines(randomBytes), randomBytes, now })
  const admin = await people.firstStart()
  if (!admin) throw new Error('the test house needs a store without people')
  const credentials = credentialsOf(now)
  const parts: ApiParts = {
    fleet: () => fleet,
    store,
    live,
    ...{ people, keys: createKeys({ documents: store.documents, randomBytes, now }), audit: auditOf(noted) },
    ...desksOf(store, fleet, accept),
    now,
    randomBytes,
    accept,
    ...{ warningDesk: deskOn(store), receipts: receiptsOf(empty), gaps: () => gapsOf(empty), knowsGaps: () => true },
    sendCommand: async (device, { kind }) => ({ outcome: 'done', detail: `${device}: ${kind}` }),
    ...{ runs: runsOf(ticks, empty), catchingUp: () => [], simulator: sampleSimulator(empty) },
    ...{ credentials, identify: credentials.identify, pace: createLoginPace({ now, wrongLogins: 5 }), takeTurn: () => true },
    deviceDesk: deviceDeskOf(),
    certificates: await createDeviceCertificates({ documents: store.documents, fleet: () => fleet, authority: authorityOf(now), now }),
    claims: createClaims({ credentials, fleet: () => fleet, randomBytes, now }),
    health: async () => [{ name: 'store', ok: true, detail: 'answers' }],
    ...{ problems: async () => [], metrics: async () => '# TYPE up gauge\nup 1\n' },
    ...{ version: '0.0.0', loopback: { http: true, https: true }, cliToken: token },
    onFault: (doing, error) => void faults.push(`${doing}: ${String(error)}`),
    ...other,
  }
  const app = await createApi(parts, { ...(Value.Create(ApiConfig) as ApiConfig), ...config })
  const anyone = (options: InjectOptions | string) => app.inject(typeof options === 'string' ? { url: options } : options)
  return {
    ...{ app, parts, store, noted, live, deliveries, ticks, faults, clock, admin, anyone },
    async commit(rows) {
      const commit = await store.ledger.commit(commitOf(rows))
      live.emit({ name: 'observed', commit, observations: rows })
    },
    cli: (options) => {
      const asked = typeof options === 'string' ? { url: options } : options
      return app.inject({ ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } })
    },
    async loggedIn() {
      if (await people.check(admin.user, admin.password)) await people.changePassword(admin.user, admin.password, newPassword)
      const answer = await anyone({ method: 'POST', url: '/api/v1/session', payload: { user: admin.user, password: newPassword } })
      return cookieOf(answer)
    },
  }
}

/** The session cookie of an answer, as a browser sends it back. */
export function cookieOf(answer: LightMyRequestResponse): string {
  const [cookie] = [answer.headers['set-cookie']].flat()
  return (cookie ?? '').split(';')[0] ?? ''
}

/** Two hours of readings of qingxi, one of the real gauge, a warning of each, and something in quarantine. */
export async function furnish(house: TestHouse): Promise<void> {
  const run = runId('demo')
  const level = Array.from({ length: 24 }, (_, i) =>
    storedRow({ observedAt: start + i * 5 * minute, value: 2.5 + i * 0.04, delivery: i + 1, seq: i, run }),
  )
  const rain = storedRow({ series: seriesOf('qingxi', 'rainfall'), observedAt: start, value: 0.2, run })
  const real = storedRow({ series: seriesOf('real-gauge'), device: deviceId('rtu-real'), value: 1.5 })
  await house.store.ledger.commit(
    commitOf([...level, rain, real], {
      quarantined: [quarantinedOf(), quarantinedOf({ device: deviceId('rtu-real'), payload: Buffer.from('hello') })],
      counts: [
        countOf('rtu-0017', { received: 26, stored: 25, quarantined: 1 }),
        countOf('rtu-real', { received: 2, stored: 1, quarantined: 1 }),
      ],
    }),
  )
  house.live.emit({ name: 'observed', commit: 1, observations: [...level, rain, real] })
  const other = { id: 'w-real' as never, station: 'real-gauge' as never, series: seriesOf('real-gauge'), level: 'red' as const }
  await house.store.warnings.putWarnings([warningOf({ run }), warningOf(other)], null)
  await house.store.telemetry.putRollups([
    { series: seriesOf('qingxi'), size: '1h', start, end: start + hour, n: 12, min: 2.5, mean: 2.7, max: 2.94, sum: 32, completeness: 1 },
  ])
}

function auditOf(noted: AuditNote[]): Audit {
  const kept = { at: start, until: start, count: 1 }
  return {
    record: async (note) => void noted.push(note),
    count: (note) => void noted.push(note),
    list: (query) =>
      pageOfAudit(async (after = '', limit) => {
        const entries = noted.map((note, place) => ({ ...note, ...kept, id: `${idAt(start)}-${String(place).padStart(7, '0')}` }))
        return entries.filter(({ id }) => id > after).slice(0, limit)
      }, query),
  }
}

function deskOn(store: Store): WarningDesk {
  return {
    async acknowledge(id, by, note, at) {
      const warning = await store.warnings.warning(id)
      if (!warning || warning.marks.acknowledged) return warning
      const next = { ...warning, version: warning.version + 1, marks: { ...warning.marks, acknowledged: { by, at, note } } }
      await store.warnings.putWarnings([next], null)
      return next
    },
  }
}

const gapsOf = (empty: boolean): Gap[] => (empty ? [] : [gapOf('demo'), gapOf(null)])

/** An hour without the level of qingxi, or of the real gauge. */
function gapOf(run: string | null): Gap {
  const series = run === null ? seriesOf('real-gauge') : seriesOf('qingxi')
  return {
    ...{
      id: `${series}~${start}`,
      series,
      device: deviceId(run === null ? 'rtu-real' : 'rtu-0017'),
      run: run === null ? null : runId(run),
    },
    ...{ from: start, to: start + hour, cause: 'never-arrived', state: 'open', missing: 3, arrived: 8, arrivedAt: start + hour + minute },
    ...{ openedAt: start + 15 * minute, endedAt: null },
    request: { at: start + hour + 2 * minute, tries: 1, outcome: 'done', detail: '11 readings are sent again' },
  }
}

function receiptsOf(empty: boolean): ApiParts['receipts'] {
  const receiptOf = (delivery: number): Receipt => ({
    ...{ delivery, receivedAt: start, seq: { from: 1042, to: 1042 }, contiguousSeq: 1042 },
    ...{ accepted: 1, late: 0, duplicate: 0, quarantined: 1, items: [{ item: null, reason: 'not-json', detail: 'not JSON', values: 1 }] },
  })
  const found = (delivery: number): Receipt | null => (empty ? null : receiptOf(delivery))
  return { expect: () => undefined, wait: async (delivery) => found(delivery), find: (_device, delivery) => found(delivery) }
}

function runsOf(ticks: TestHouse['ticks'], empty: boolean): RunDesk {
  const all = new Map<string, RunSummary>()
  const gone = new Set<RunId>()
  const add = (run: string, clock: RunSummary['clock']): RunSummary => {
    const summary: RunSummary = { run: runId(run), network: run, clock, createdAt: start }
    all.set(run, summary)
    return summary
  }
  if (!empty) for (const run of ['demo', 'flood-2020']) add(run, run === 'demo' ? 'wall' : 'run')
  return {
    async create(run, network, clock) {
      const { devices } = readNetwork(network, { file: null, run })
      return { summary: add(run, clock), secrets: devices.map(({ id }) => ({ device: id, secret: 'shown-once' })) }
    },
    tick: async (run, at) => void ticks.push({ run, at }),
    deliver: async (_run, deliveries) => ({ accepted: deliveries.length, leftOut: 0 }),
    list: async () => [...all.values()],
    removed: async () => [...gone],
    remove: async (run) => all.delete(run) && gone.add(run).size > 0,
  }
}

function credentialsOf(now: () => number): ApiParts['credentials'] {
  const secrets = new Map([['rtu-0017', 'secret-of-0017']])
  const revoked = new Set<string>()
  return {
    identify: async (name, secret) => {
      const device = name === '' ? [...secrets].find(([, one]) => one === Buffer.from(secret).toString())?.[0] : name
      const right = device !== undefined && secrets.get(device) === Buffer.from(secret).toString()
      return right ? { role: 'device', device: deviceId(device), run: runId('demo') } : null
    },
    issue: async (devices) =>
      devices.map((device) => {
        secrets.set(device, `new-secret-of-${device}`)
        return { device, secret: `new-secret-of-${device}` }
      }),
    revoke: async (device) => revoked.add(device) && secrets.delete(device),
    isRevoked: (device) => revoked.has(device),
    keep: async () => undefined,
    standing: (device) => (secrets.has(device) ? { madeAt: start, firstUsedAt: null, earlierUntil: now() + hour } : null),
    onEnded: () => undefined,
    sweep: async () => undefined,
  }
}

/** Its file is written when a test makes a certificate. */
const authorityOf = (now: () => number) =>
  openAuthority({ file: path.join(os.tmpdir(), `gaugekeeper-${randomUUID()}`, 'authority.pem'), randomBytes, now })

/** Adds what has stations, and knows one device that a file declares. */
function deviceDeskOf(): ApiParts['deviceDesk'] {
  const added = new Set<string>()
  const problemOf = (device: string): DeviceProblem | null =>
    device === 'rtu-real' ? { kind: 'declared', message: 'the file real.yaml declares device rtu-real; change it there' } : null
  return {
    wasAdded: (device) => added.has(device),
    add: async (rows) =>
      rows.map((row) => {
        const { id } = row as { id: string }
        const problem = problemOf(id)
        if (!problem) added.add(id)
        return { device: id, secret: problem ? null : `secret-of-${id}`, problem }
      }),
    async put(device) {
      const problem = problemOf(device)
      const created = !added.has(device)
      if (!problem) added.add(device)
      return problem ? { problem } : { created, secret: created ? `secret-of-${device}` : null }
    },
    remove: async (device) =>
      problemOf(device) ?? (added.delete(device) ? null : { kind: 'unknown', message: `There is no device ${device}.` }),
  }
}

/** What people change, made as in the product; nothing is carried here. */
function desksOf(
  store: Store,
  now: Fleet,
  keep: (delivery: Delivery) => Promise<number>,
): Pick<ApiParts, 'amendments' | 'mappings' | 'clockReports'> {
  const fleet = (): Fleet => now
  const accept: Accept = async (delivery) => void (await keep(delivery))
  const turns = createTurns({
    accept,
    inTurn: takeTurns(),
    newest: () => 0,
    cursor: () => store.ledger.cursor(),
    passed: async () => undefined,
  })
  const made = { turns, store, fleet, fieldCodecs: [], readPoint: () => null, maxSeries: 1_000, now: () => start, newId: () => 'c-1' }
  const versions: MappingVersion[] = []
  return {
    amendments: createAmendmentDesk({ ...made, repairs: createRepairDesk(made) }),
    mappings: {
      history: async (device) => versions.filter((version) => version.device === device),
      async change(change) {
        const network = fleet().networks.find(({ devices }) => devices.some(({ id }) => id === change.device))
        if (network?.file != null) return { declared: ['zone'], file: network.file }
        const version = { ...change, version: versions.length + 1, at: start }
        versions.unshift(version)
        return version
      },
    },
    clockReports: createClockReports({ ledger: store.ledger, watch: createClockWatch(() => true), fieldCodecs: [] }),
  }
}
