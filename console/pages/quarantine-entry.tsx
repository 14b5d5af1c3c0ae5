import type { MappingPage } from '../../api/schemas/mapping.ts'
import type { QuarantineNote, QuarantinePage } from '../../api/schemas/quarantine.ts'
import type { PageContext } from '../context.ts'
import { hexLines } from '../hex.ts'
import { Fact, Moment } from '../parts/age.tsx'
import { repairKindOf, type RepairKind } from '../repair.ts'
import { known } from '../say.ts'
import type { PageContent } from '../shell.tsx'

export interface QuarantineEntryData extends QuarantinePage {
  /** How the words of its device are read; null where the reader may not see it, or the device is gone. */
  mapping: MappingPage | null
  zone: string
}

/** One entry: why it was set aside, its bytes, what it would become now, and how to mend it. */
export function quarantineEntryPage(data: QuarantineEntryData, page: PageContext): PageContent {
  const { t } = page
  const { entry, decoded } = data
  const reason = known(t.reason, entry.reason) ?? entry.reason
  return {
    title: `${t.titles.quarantine}: ${reason}`,
    tab: 'devices',
    live: null,
    kind: 'entry',
    body: (
      <>
        <p class="filtered">
          <a href={`/devices?device=${encodeURIComponent(entry.device)}#quarantine`}>← {entry.device}</a>
        </p>
        <h1>
          {t.titles.quarantine}: {reason}
        </h1>
        <p>{entry.detail}</p>
        <Facts data={data} page={page} />
        <Mending data={data} page={page} />
        <h2>{t.columns.payload}</h2>
        <pre class={entry.payload.text === null ? 'bytes hex' : 'bytes'} tabIndex={0}>
          {entry.payload.text ?? hexLines(Buffer.from(entry.payload.base64, 'base64'))}
        </pre>
        {decoded !== null && (
          <details>
            <summary>JSON</summary>
            <pre class="bytes" tabIndex={0}>
              {JSON.stringify(decoded, null, 2)}
            </pre>
          </details>
        )}
      </>
    ),
  }
}

function Facts({ data: { entry, zone }, page }: { data: QuarantineEntryData; page: PageContext }) {
  const { t } = page
  return (
    <dl class="facts">
      <Fact name={t.columns.received}>
        <Moment at={entry.receivedAt} zone={zone} page={page} />
      </Fact>
      <Fact name={t.columns.topic}>
        <code>{entry.topic}</code>
      </Fact>
      <Fact name={t.columns.reason}>
        <code>{entry.reason}</code>
      </Fact>
      <Fact name={t.columns.quarantined}>
        {t.say.valuesCount(entry.values)}
        {entry.item !== null && ` · ${t.say.item(entry.item)}`} · {entry.payload.bytes} B
      </Fact>
    </dl>
  )
}

/** What it would become now and the forms, or by whom it was run again or closed. */
function Mending({ data, page }: { data: QuarantineEntryData; page: PageContext }) {
  const { t, session } = page
  const { entry, trial, mapping, zone } = data
  if (entry.repaired !== null) return <Mended repaired={entry.repaired} zone={zone} page={page} />
  const takes = trial === null ? 0 : trial.outcome.stored + trial.outcome.versions + trial.outcome.duplicate
  const kind = repairKindOf(entry.reason)
  return (
    <section>
      <h2>{t.titles.mend}</h2>
      <p class={takes > 0 ? 'done' : ''}>
        {takes > 0 ? t.say.wouldTake(takes) : t.say.wouldRefuse} {takes === 0 && trial?.refused}
        {trial?.observed && <Times {...trial.observed} zone={zone} page={page} />}
      </p>
      {entry.reason === 'time-ahead' && takes === 0 && <p class="small">{t.say.declareClock(entry.device)}</p>}
      {session.user === null ? (
        <a class="button" href={`/login?next=${encodeURIComponent(page.url)}`}>
          {t.buttons.logIn}
        </a>
      ) : session.user.role === 'viewer' || session.user.role === 'officer' ? (
        <p>{t.problem.refused.reason}</p>
      ) : (
        <div class="forms">
          {takes > 0 && <NoteForm action={`/q/${entry.id}/run`} button={t.buttons.runAgain} page={page} />}
          {kind !== null && mapping !== null && takes === 0 && <MappingForm id={entry.id} kind={kind} mapping={mapping} page={page} />}
          {entry.reason === 'time-1970' && takes === 0 && <ClockForm id={entry.id} page={page} />}
          <NoteForm action={`/q/${entry.id}/close`} button={t.buttons.giveUp} page={page} />
        </div>
      )}
    </section>
  )
}

function Mended({ repaired, zone, page }: { repaired: NonNullable<QuarantineNote['repaired']>; zone: string; page: PageContext }) {
  const { t } = page
  const { outcome, kind } = repaired
  const isRun = kind === 'run'
  return (
    <section>
      <h2>{isRun ? t.titles.mended : t.titles.givenUp}</h2>
      <p class="done">
        ✓ {isRun ? t.say.mendedBy(repaired.by) : t.say.givenUpBy(repaired.by)}, <Moment at={repaired.at} zone={zone} page={page} />
        <q>{repaired.reason}</q>
      </p>
      <p>
        {isRun
          ? (['stored', 'versions', 'duplicate', 'quarantined'] as const)
              .filter((name) => outcome[name] > 0)
              .map((name) => `${t.columns[name]} ${outcome[name]}`)
              .join(' · ')
          : t.say.givenUpCounts(outcome.quarantined)}
      </p>
    </section>
  )
}

function NoteForm({ action, button, page }: { action: string; button: string; page: PageContext }) {
  return (
    <form class="card" method="post" action={action}>
      <Why page={page} />
      <button type="submit">{button}</button>
    </form>
  )
}

function Times({ from, to, zone, page }: { from: number; to: number; zone: string; page: PageContext }) {
  return (
    <>
      {' '}
      <Moment at={from} zone={zone} page={page} />
      {to > from && ' – '}
      {to > from && <Moment at={to} zone={zone} page={page} />}
    </>
  )
}

/** What the clock of its device showed when: sets right all times since its reset that came until now. */
function ClockForm({ id, page }: { id: number; page: PageContext }) {
  const { columns, buttons, say } = page.t
  return (
    <form class="card" method="post" action={`/q/${id}/clock`}>
      <p class="small">{say.resetClock}</p>
      <Entered name="said" label={columns.clockSaid} placeholder="1970-01-02T03:04:05Z" />
      <Entered name="when" label={columns.clockWhen} placeholder="2026-03-01T10:00:00+08:00" />
      <Why page={page} />
      <button type="submit">{buttons.declareClock}</button>
    </form>
  )
}

function Entered({ name, label, placeholder }: { name: string; label: string; placeholder?: string }) {
  return (
    <label>
      <span>{label}</span>
      <input name={name} required maxLength={100} autocomplete="off" {...(placeholder !== undefined && { placeholder })} />
    </label>
  )
}

function MappingForm({ id, kind, mapping, page }: { id: number; kind: RepairKind; mapping: MappingPage; page: PageContext }) {
  const { columns, buttons, say } = page.t
  const holds = kind === 'zone' ? [] : Object.entries(mapping.holds[kind])
  return (
    <form class="card" method="post" action={`/q/${id}/mapping`}>
      {mapping.file !== null && <p class="small">{say.fileWins(mapping.file)}</p>}
      {holds.length > 0 && <p class="small">{holds.map(([name, value]) => `${name} → ${value}`).join(' · ')}</p>}
      {kind === 'channels' && <Entered name="name" label={columns.ownName} />}
      {kind === 'units' && <Entered name="name" label={columns.parameter} />}
      <Entered name="value" label={kind === 'channels' ? columns.series : kind === 'units' ? columns.unit : columns.zone} />
      <Why page={page} />
      <button type="submit">{buttons.mapThis}</button>
    </form>
  )
}

function Why({ page }: { page: PageContext }) {
  return (
    <label>
      <span>{page.t.columns.why}</span>
      <input name="note" required minLength={3} maxLength={500} autocomplete="off" />
    </label>
  )
}
