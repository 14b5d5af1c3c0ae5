import type { SimulationDetail, SimulationNote, SimulatorState } from '../../api/schemas/simulation.ts'
import type { PageContext } from '../context.ts'
import { SimBadge, runSentence } from '../parts/badges.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Ending, Facts, Removal, RunningPanel, simulationPath, StateBadge } from '../parts/simulation.tsx'
import { ReplayForm } from '../parts/replay-form.tsx'
import { StartForm, type StartFields } from '../parts/start-form.tsx'
import type { PageContent } from '../shell.tsx'

export interface SimulatorData {
  state: SimulatorState
  /** All that is known of the one that runs. */
  running: SimulationDetail | null
  /** What was typed, when it was refused. */
  fields: StartFields
  /** What was wrong with the last order; null = nothing. */
  problem: string | null
}

/** Scenarios to start, the one that runs, and what came of past ones; for engineers. Works without any script. */
export function simulatorPage({ state, running: detail, fields, problem }: SimulatorData, page: PageContext): PageContent {
  const { titles, say } = page.t.simulator
  const { running, past } = state
  // the two forms have fields of the same name
  const isReplay = fields.network !== undefined
  return {
    title: titles.simulator,
    tab: 'simulator',
    live: null,
    kind: 'simulator',
    body: (
      <>
        <h1>{titles.simulator}</h1>
        <p>
          <SimBadge page={page} /> {runSentence(false, page)}
        </p>
        <p class="small">{say.about}</p>
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div id="running" data-live {...(running && { 'data-poll': true })}>
          {running && <RunningPanel simulation={running} detail={detail} page={page} />}
          {past.length > 0 && (
            <p>
              <a href="#past">{`${titles.past} (${past.length})`}</a>
            </p>
          )}
        </div>
        <div id="start" data-live>
          {running ? (
            <p>{say.one}</p>
          ) : (
            <>
              <StartForm state={state} fields={isReplay ? {} : fields} page={page} />
              {state.sources.length > 0 && <ReplayForm state={state} fields={isReplay ? fields : {}} page={page} />}
            </>
          )}
        </div>
        <div id="past" data-live>
          {(past.length > 0 || !running) && <h2>{titles.past}</h2>}
          {past.length === 0 && !running && <Nothing words={page.t.empty.simulations} href="#start" />}
          <ul class="simulations">
            {past.map((simulation) => (
              <Past key={simulation.run} simulation={simulation} page={page} />
            ))}
          </ul>
          {past.length > 0 && <p class="small">{say.keeps(String(state.keeps))}</p>}
        </div>
      </>
    ),
  }
}

function Past({ simulation, page }: { simulation: SimulationNote; page: PageContext }) {
  const { run, title } = simulation
  return (
    <li>
      <p>
        <a class="head" href={simulationPath(run)}>
          {title[page.language]}
        </a>{' '}
        <small>{run}</small> <StateBadge simulation={simulation} page={page} />
      </p>
      <Ending simulation={simulation} page={page} />
      <Facts simulation={simulation} page={page} />
      <Removal run={run} page={page} />
    </li>
  )
}
