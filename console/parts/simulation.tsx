import type { SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import { duration } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { counted } from '../score-words.ts'
import { Moment } from './age.tsx'
import { SimBadge } from './badges.tsx'
import { LiveStrip } from './live-truth.tsx'
import { LoadPanel } from './load-panel.tsx'

/** Where the pages of a simulation lie. */
export const simulationPath = (run: string): string => `/sim/${encodeURIComponent(run)}`

export function speedText(speed: SimulationNote['speed'], { t }: PageContext): string {
  return speed === 'max' ? t.simulator.speed.max : t.simulator.speed.times(String(speed))
}

/** Seed, stations and speed; who started it, when, and how long it took. */
export function Facts({ simulation, page }: { simulation: SimulationNote; page: PageContext }) {
  const { say } = page.t.simulator
  const { by, startedAt, endedAt } = simulation
  const [before, after = ''] = say.by(by, '\n').split('\n')
  return (
    <p class="small">
      {brief(simulation, page)}
      {page.language === 'zh' ? '。' : '. '}
      {before}
      <Moment at={startedAt} zone="UTC" page={page} /> UTC{after}{' '}
      {endedAt !== null && say.took(duration(endedAt - startedAt, page.language))}
    </p>
  )
}

/** What was ordered, in a few words. */
function brief({ kind, seed, stations, speed }: SimulationNote, page: PageContext): string {
  const { say, load, replay } = page.t.simulator
  if (kind === 'scenario') return say.brief(String(seed), String(stations), speedText(speed, page))
  return kind === 'load' ? load.brief(counted(stations)) : replay.brief(String(stations), speedText(speed, page))
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
        {titles.running}: <a href={simulationPath(run)}>{title[page.language]}</a> <small>{run}</small>{' '}
        <SimBadge page={page} recorded={simulation.kind === 'replay'} />
      </h2>
      <p>
        <progress {...(all > 0 && { value: done, max: all })} aria-label={titles.running} /> {all > 0 && <strong>{length}</strong>}
      </p>
      <p>
        {simulation.phase !== null && phase[simulation.kind][simulation.phase]} <span class="small">{sentSoFar(simulation, page)}</span>
      </p>
      {simulation.account !== null && <AccountLine account={simulation.account} page={page} />}
      <Facts simulation={simulation} page={page} />
      <div class="orders">
        <Order action={`${simulationPath(run)}/stop`} text={page.t.simulator.buttons.stop} />
        <RunLinks run={run} page={page} />
      </div>
      {detail?.load && <LoadPanel simulation={simulation} load={detail.load} page={page} />}
      {detail?.live && <LiveStrip simulation={simulation} live={detail.live} places={detail.places} page={page} />}
    </section>
  )
}

function sentSoFar({ kind, progress: { values, messages, acknowledged } }: SimulationNote, page: PageContext): string {
  const { say, replay } = page.t.simulator
  return kind === 'replay' ? replay.given(counted(messages)) : say.sent(counted(values), counted(messages), counted(acknowledged))
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
  const { kind, state, problem, account, figures } = simulation
  return (
    <>
      {account !== null && <AccountLine account={account} page={page} />}
      {figures !== null && (
        <p>
          <strong>{figuresText(kind, figures, page)}</strong>
        </p>
      )}
      {kind === 'scenario' && (state === 'stopped' || state === 'interrupted') && <p>{say.noScore}</p>}
      {problem !== null && <p class="problem">{say.failed(problem)}</p>}
    </>
  )
}

function figuresText(kind: SimulationNote['kind'], figures: NonNullable<SimulationNote['figures']>, page: PageContext): string {
  const { say, load, replay } = page.t.simulator
  const of = (name: string): string => (figures[name] == null ? '–' : counted(figures[name]))
  if (kind === 'load') return load.loss(of('lost'), of('doubled'))
  if (kind === 'replay') return replay.differ(of('readingsDiffer'), of('warningsDiffer'))
  return say.figures(of('lost'), of('doubled'), of('hits'), of('events'), of('false'))
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
