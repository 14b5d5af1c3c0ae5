import type { SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import { duration } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { counted } from '../score-words.ts'
import { Moment } from './age.tsx'
import { SimBadge } from './badges.tsx'
import { LiveStrip } from './live-truth.tsx'

/** Where the pages of a simulation lie. */
export const simulationPath = (run: string): string => `/sim/${encodeURIComponent(run)}`

export function speedText(speed: SimulationNote['speed'], { t }: PageContext): string {
  return speed === 'max' ? t.simulator.speed.max : t.simulator.speed.times(String(speed))
}

/** Seed, stations and speed; who started it, when, and how long it took. */
export function Facts({ simulation, page }: { simulation: SimulationNote; page: PageContext }) {
  const { say } = page.t.simulator
  const { seed, stations, speed, by, startedAt, endedAt } = simulation
  const [before, after = ''] = say.by(by, '\n').split('\n')
  return (
    <p class="small">
      {say.brief(String(seed), String(stations), speedText(speed, page))}
      {page.language === 'zh' ? '。' : '. '}
      {before}
      <Moment at={startedAt} zone="UTC" page={page} /> UTC{after}{' '}
      {endedAt !== null && say.took(duration(endedAt - startedAt, page.language))}
    </p>
  )
}

/** What runs now: how far it is, and the button that stops it. */
export function RunningPanel({
  simulation,
  detail,
  page,
}: {
  simulation: SimulationNote
  /** With truth against warnings so far; null = that is shown elsewhere. */
  detail: SimulationDetail | null
  page: PageContext
}) {
  const { titles, phase, say } = page.t.simulator
  const { run, title, start, end, progress } = simulation
  const [done, all] = [Math.max(0, Math.min(end, progress.at ?? start) - start), end - start]
  const length = say.progress(duration(done, page.language), duration(all, page.language))
  return (
    <section class="running" aria-label={titles.running}>
      <h2>
        {titles.running}: <a href={simulationPath(run)}>{title[page.language]}</a> <small>{run}</small> <SimBadge page={page} />
      </h2>
      <p>
        <progress value={done} max={all} aria-label={titles.running} /> <strong>{length}</strong>
      </p>
      <p>
        {simulation.phase !== null && phase[simulation.phase]}{' '}
        <span class="small">{say.sent(counted(progress.values), counted(progress.messages), counted(progress.acknowledged))}</span>
      </p>
      {simulation.account !== null && <AccountLine account={simulation.account} page={page} />}
      <Facts simulation={simulation} page={page} />
      <div class="orders">
        <Order action={`${simulationPath(run)}/stop`} text={page.t.simulator.buttons.stop} />
        <RunLinks run={run} page={page} />
      </div>
      {detail?.live && <LiveStrip simulation={simulation} live={detail.live} places={detail.places} page={page} />}
    </section>
  )
}

/** The pages that show the data of a run. */
export function RunLinks({ run, page }: { run: string; page: PageContext }) {
  const { buttons } = page.t.simulator
  return (
    <>
      <a class="button" href={`/w?run=${encodeURIComponent(run)}`}>
        {buttons.warnings}
      </a>
      <a class="button" href={`/?network=${encodeURIComponent(run)}`}>
        {buttons.stations}
      </a>
    </>
  )
}

/** A button that asks for one thing. */
export function Order({ action, text }: { action: string; text: string }) {
  return (
    <form class="order" method="post" action={action}>
      <button type="submit">{text}</button>
    </form>
  )
}

/** How it ended: its state, its account, and the figures that matter first. */
export function Ending({ simulation, page }: { simulation: SimulationNote; page: PageContext }) {
  const { say } = page.t.simulator
  const { state, problem, account, figures } = simulation
  const of = (name: string): string => (figures?.[name] == null ? '–' : counted(figures[name]))
  return (
    <>
      {account !== null && <AccountLine account={account} page={page} />}
      {figures !== null && (
        <p>
          <strong>{say.figures(of('lost'), of('doubled'), of('hits'), of('events'), of('false'))}</strong>
        </p>
      )}
      {(state === 'stopped' || state === 'interrupted') && <p>{say.noScore}</p>}
      {problem !== null && <p class="problem">{say.failed(problem)}</p>}
    </>
  )
}

function AccountLine({ account, page }: { account: NonNullable<SimulationNote['account']>; page: PageContext }) {
  const { received, stored, duplicate, quarantined, warnings, moreWarnings } = account
  const told = `${counted(warnings)}${moreWarnings ? '+' : ''}`
  return <p>{page.t.simulator.say.account(counted(received), counted(stored), counted(duplicate), counted(quarantined), told)}</p>
}

export function StateBadge({ simulation: { state }, page }: { simulation: SimulationNote; page: PageContext }) {
  return <span class="badge">{page.t.simulator.state[state]}</span>
}

/** Takes a past one away; asks once. */
export function Removal({ run, page }: { run: string; page: PageContext }) {
  const { buttons } = page.t.simulator
  return (
    <details class="removal">
      <summary>{buttons.removal}</summary>
      <Order action={`${simulationPath(run)}/remove`} text={buttons.remove} />
    </details>
  )
}
