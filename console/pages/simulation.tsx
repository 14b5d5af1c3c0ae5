import type { SimulationDetail } from '../../api/schemas/simulation.ts'
import type { PageContext } from '../context.ts'
import { SimBadge } from '../parts/badges.tsx'
import { LiveStrip } from '../parts/live-truth.tsx'
import { LoadPanel } from '../parts/load-panel.tsx'
import { ReplayPanel } from '../parts/replay-panel.tsx'
import { ScoreTables } from '../parts/score-tables.tsx'
import { Ending, Facts, Removal, RunLinks, RunningPanel, StateBadge } from '../parts/simulation.tsx'
import { Strip } from '../parts/truth-strip.tsx'
import { placesIn } from '../strip.ts'
import type { PageContent } from '../shell.tsx'

/** One simulation: how it ended, what was true against what was warned of, and its score. */
export function simulationPage({ simulation, score, strip, live, places, load, replay }: SimulationDetail, page: PageContext): PageContent {
  const { buttons } = page.t.simulator
  const { run, title, state } = simulation
  const isRunning = state === 'running'
  return {
    title: `${title[page.language]} · ${run}`,
    tab: 'simulator',
    live: null,
    kind: 'simulator',
    body: (
      <div id="simulation" data-live {...(isRunning && { 'data-poll': true })}>
        <h1>
          {title[page.language]} <small>{run}</small> <StateBadge simulation={simulation} page={page} />{' '}
          <SimBadge page={page} recorded={simulation.kind === 'replay'} />
        </h1>
        {isRunning ? (
          <RunningPanel simulation={simulation} detail={null} page={page} />
        ) : (
          <>
            <Ending simulation={simulation} page={page} />
            <Facts simulation={simulation} page={page} />
          </>
        )}
        {live !== null && <LiveStrip simulation={simulation} live={live} places={places} page={page} />}
        {strip !== null && <Strip strip={strip} at={null} simulation={simulation} places={placesIn(places, page.language)} page={page} />}
        {load !== null && <LoadPanel simulation={simulation} load={load} page={page} />}
        {replay !== null && <ReplayPanel replay={replay} page={page} />}
        {score !== null && <ScoreTables score={score} page={page} />}
        {!isRunning && (
          <div class="orders">
            <RunLinks run={run} page={page} />
            {simulation.truth !== null && (
              <a class="button" href={`/api/v1/simulator/${encodeURIComponent(run)}/truth`} download>
                {`${buttons.truth} (${kilobytes(simulation.truth.bytes)})`}
              </a>
            )}
            <a class="button" href="/sim">
              {buttons.all}
            </a>
            <Removal run={run} page={page} />
          </div>
        )}
      </div>
    ),
  }
}

const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1000))} KB`
