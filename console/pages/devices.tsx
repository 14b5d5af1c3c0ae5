import { dayAndClock, number } from '../../figures/words.ts'
import { deviceStates, type DeviceList, type DeviceNote, type DeviceState } from '../../api/schemas/device.ts'
import type { Words } from '../../api/schemas/words.ts'
import { addressWith, type PageContext } from '../context.ts'
import { Age } from '../parts/age.tsx'
import { SimBadge } from '../parts/badges.tsx'
import { Heads } from '../parts/heads.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Quarantine, type QuarantineData } from '../parts/quarantine-list.tsx'
import type { PageContent } from '../shell.tsx'

export interface DevicesData extends QuarantineData {
  list: DeviceList
  /** Chosen device; null = all. */
  device: string | null
  /** What is looked for in ids and in the names of stations; empty = all. */
  search: string
  /** Only those that are heard of, or not. */
  show: 'all' | DeviceState
  /** The page is the first of its list. */
  isFirst: boolean
  zoneOf: (network: string) => string
  /** Name of a station, in both languages. */
  nameOf: (station: string) => Words
}

const countColumns = ['received', 'stored', 'versions', 'duplicate', 'quarantined', 'late'] as const

/** Every device with what became of all it sent, and below what was set aside and why. */
export function devicesPage(data: DevicesData, page: PageContext): PageContent {
  const { t } = page
  const { devices: shown } = data.list
  const isChosen = data.device !== null || data.search !== '' || data.show !== 'all'
  return {
    title: t.titles.devices,
    tab: 'devices',
    live: { stations: null },
    kind: 'devices',
    body: (
      <>
        <h1>{t.titles.devices}</h1>
        {(isChosen || shown.length > 0) && <Search data={data} isChosen={isChosen} page={page} />}
        {shown.length > 0 && <Table data={data} shown={shown} page={page} />}
        {shown.length === 0 && (
          <Nothing {...(isChosen ? { words: t.empty.filteredDevices, href: '/devices' } : { words: t.empty.devices, href: '/docs' })} />
        )}
        <Pages data={data} page={page} />
        <Quarantine data={data} page={page} />
      </>
    ),
  }
}

const firstPage = { cursor: null, before: null }

/** The search, and whether devices are heard of: by the address, so that it works without any script. */
function Search({ data, isChosen, page }: { data: DevicesData; isChosen: boolean; page: PageContext }) {
  const { t } = page
  return (
    <>
      <form class="filter" role="search" action="/devices" method="get">
        {data.show !== 'all' && <input type="hidden" name="show" value={data.show} />}
        <label>
          <span>{t.columns.searchDevices}</span>
          <input name="q" type="search" value={data.search} maxLength={100} autocomplete="off" />
        </label>
        <button type="submit">{t.buttons.search}</button>
      </form>
      <p class="tabs">
        {(['all', ...deviceStates] as const).map((one) => (
          <a
            key={one}
            href={addressWith(page.url, { ...firstPage, show: one === 'all' ? null : one })}
            {...(one === data.show && { 'aria-current': 'true' as const })}
          >
            {t.deviceState[one]}
          </a>
        ))}
      </p>
      <p class="filtered" id="device-count" data-live>
        {t.say.devices(data.list.matches)}
        {data.device !== null && ` · ${data.device}`}
        {data.search !== '' && ` · “${data.search}”`}
        {isChosen && (
          <>
            {' '}
            · <a href={addressWith(page.url, { ...firstPage, device: null, q: null, show: null })}>{t.buttons.showAll}</a>
          </>
        )}
      </p>
    </>
  )
}

/** The way on through a list of more than one page, and back to its begin. */
function Pages({ data, page }: { data: DevicesData; page: PageContext }) {
  const { next } = data.list
  if (data.isFirst && next === null) return null
  return (
    <p>
      {!data.isFirst && (
        <a class="button" href={addressWith(page.url, firstPage)}>
          {page.t.buttons.toFirst}
        </a>
      )}{' '}
      {next !== null && (
        <a class="button" href={addressWith(page.url, { ...firstPage, cursor: next })}>
          {page.t.buttons.following}
        </a>
      )}
    </p>
  )
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
