import { dayAndClock, number } from '../../figures/words.ts'
import type { DeviceList, DeviceNote } from '../../api/schemas/device.ts'
import type { QuarantineGroups, QuarantineList, QuarantineNote } from '../../api/schemas/quarantine.ts'
import type { Words } from '../../api/schemas/words.ts'
import { addressWith, type PageContext } from '../context.ts'
import { Age, Moment } from '../parts/age.tsx'
import { SimBadge } from '../parts/badges.tsx'
import { Heads } from '../parts/heads.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { known } from '../say.ts'
import type { PageContent } from '../shell.tsx'

/** What waits, and what was run again. */
export const quarantineStates = ['open', 'repaired'] as const

export interface DevicesData {
  list: DeviceList
  quarantine: QuarantineList
  /** Chosen device; null = all. */
  device: string | null
  /** What waits of the chosen device, or of all, by device and reason. */
  groups: QuarantineGroups['groups']
  /** Chosen reason; null = all. */
  reason: QuarantineNote['reason'] | null
  state: (typeof quarantineStates)[number]
  zoneOf: (network: string) => string
  /** Name of a station, in both languages. */
  nameOf: (station: string) => Words
}

const countColumns = ['received', 'stored', 'versions', 'duplicate', 'quarantined', 'late'] as const

/** Every device with what became of all it sent, and below what was set aside and why. */
export function devicesPage(data: DevicesData, page: PageContext): PageContent {
  const { t } = page
  const shown = data.list.devices.filter((device) => data.device === null || device.id === data.device)
  return {
    title: t.titles.devices,
    tab: 'devices',
    live: { stations: null },
    kind: 'devices',
    body: (
      <>
        <h1>{t.titles.devices}</h1>
        {data.device !== null && (
          <p class="filtered">
            {data.device} · <a href={addressWith(page.url, { device: null })}>{t.buttons.showAll}</a>
          </p>
        )}
        {shown.length === 0 ? <Nothing words={t.empty.devices} href="/docs" /> : <Table data={data} shown={shown} page={page} />}
        <section id="quarantine">
          <h2>{t.titles.quarantine}</h2>
          <Filters data={data} page={page} />
          <Quarantine data={data} page={page} />
        </section>
      </>
    ),
  }
}

function Table({ data, shown, page }: { data: DevicesData; shown: readonly DeviceNote[]; page: PageContext }) {
  const { t } = page
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t.titles.devices}>
      <table class="devices" id="device-table" data-live>
        <thead>
          <tr>
            <Heads names={[t.columns.device, t.columns.stations, t.columns.lastSeen]} />
            <Heads names={countColumns.map((name) => t.columns[name])} numeric />
          </tr>
        </thead>
        <tbody>
          {shown.map((device) => (
            <tr key={device.id}>
              <th scope="row">
                <a href={`/devices?device=${encodeURIComponent(device.id)}`}>{device.id}</a> <small>{t.protocol[device.protocol]}</small>{' '}
                {device.simulated && <SimBadge page={page} />}{' '}
                <a class="small" href={`/d/${encodeURIComponent(device.id)}`}>
                  {t.gaps.buttons.device}
                </a>
                <ClockNote clock={device.clock} page={page} />
                <CertificateNote device={device} zone={data.zoneOf(device.network)} page={page} />
              </th>
              <td>
                {device.stations.map((station, i) => (
                  <span key={station}>
                    {i > 0 && ', '}
                    <a href={`/s/${encodeURIComponent(station)}`}>{data.nameOf(station)[page.language]}</a>
                  </span>
                ))}
              </td>
              <td>
                {device.lastReceivedAt === null ? (
                  t.say.never
                ) : (
                  <Age at={device.lastReceivedAt} now={page.now} zone={data.zoneOf(device.network)} ticking page={page} />
                )}
              </td>
              {countColumns.map((name) => (
                <td class="number" key={name}>
                  {number(device.counts[name], 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Until when a device can log in with a certificate; nothing when it has none. */
function CertificateNote({ device, zone, page }: { device: DeviceNote; zone: string; page: PageContext }) {
  if (device.certificates.length === 0) return null
  const until = Math.max(...device.certificates.map((one) => one.until))
  return <p class="small">{page.t.say.certificateUntil(dayAndClock(until, zone, page.language))}</p>
}

/** What is wrong with a device's clock, and what to do; nothing when it is right or not known. */
function ClockNote({ clock, page }: { clock: DeviceNote['clock']; page: PageContext }) {
  if (clock === null || clock.state === 'right' || clock.state === 'unknown') return null
  return <p class="small">{clock.says[page.language]}</p>
}

/** Which of what was set aside is shown: what waits or was mended, and for which reason. */
function Filters({ data, page }: { data: DevicesData; page: PageContext }) {
  const { t } = page
  const first = { before: null }
  const counts = new Map<QuarantineNote['reason'], number>()
  for (const { reason, entries } of data.groups) counts.set(reason, (counts.get(reason) ?? 0) + entries)
  const choice = (changes: Record<string, string | null>, chosen: boolean, words: string) => (
    <a href={`${addressWith(page.url, { ...first, ...changes })}#quarantine`} {...(chosen && { 'aria-current': 'true' as const })}>
      {words}
    </a>
  )
  return (
    <>
      <p class="tabs">
        {choice({ state: null }, data.state === 'open', t.buttons.waits)}
        {choice({ state: 'repaired' }, data.state === 'repaired', t.buttons.repaired)}
      </p>
      {counts.size > 1 && (
        <p class="tabs">
          {choice({ reason: null }, data.reason === null, t.buttons.allReasons)}
          {[...counts].map(([reason, count]) => (
            <span key={reason}>{choice({ reason }, data.reason === reason, `${known(t.reason, reason) ?? reason} ${count}`)}</span>
          ))}
        </p>
      )}
    </>
  )
}

function Quarantine({ data, page }: { data: DevicesData; page: PageContext }) {
  const { t } = page
  const { entries, next } = data.quarantine
  if (entries.length === 0) return <Nothing words={t.empty.quarantine} href="/devices" />
  const zones = new Map(data.list.devices.map((device) => [device.id, data.zoneOf(device.network)]))
  return (
    <>
      <ul class="quarantine" id="quarantine-list" data-live>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} zone={zones.get(entry.device) ?? 'UTC'} page={page} />
        ))}
      </ul>
      {next !== null && (
        <p>
          <a class="button" href={`${addressWith(page.url, { before: String(next) })}#quarantine`}>
            {t.buttons.older}
          </a>
        </p>
      )}
    </>
  )
}

function Entry({ entry, zone, page }: { entry: QuarantineNote; zone: string; page: PageContext }) {
  const { t } = page
  const { text, bytes } = entry.payload
  const excerpt = text === null ? `${bytes} B` : text.length > 400 ? `${text.slice(0, 400)}…` : text
  return (
    <li>
      <p>
        <strong>{known(t.reason, entry.reason) ?? entry.reason}</strong> <code>{entry.reason}</code>
      </p>
      <p>{entry.detail}</p>
      <p class="small">
        {entry.device} · <Moment at={entry.receivedAt} zone={zone} page={page} /> · {entry.topic} · {t.say.valuesCount(entry.values)}
        {entry.item !== null && ` · ${t.say.item(entry.item)}`}
      </p>
      <details>
        <summary>
          {t.columns.payload} ({bytes} B)
        </summary>
        <pre>{excerpt}</pre>
      </details>
      <p>
        <a href={`/q/${entry.id}`}>{t.buttons.details}</a>
      </p>
    </li>
  )
}
