import type { SimulationDetail } from '../../api/schemas/simulation.ts'
import type { TruthStrip } from '../../api/schemas/simulation-score.ts'
import { truthStrip } from '../../figures/truth-strip.ts'
import { phoneWidth, type PageContext } from '../context.ts'
import { Moment } from '../parts/age.tsx'
import { LevelBadge, SimBadge } from '../parts/badges.tsx'
import { Figure } from '../parts/figure.tsx'
import { Heads } from '../parts/heads.tsx'
import { ScoreTables } from '../parts/score-tables.tsx'
import { Ending, Facts, Removal, RunLinks, RunningPanel, StateBadge } from '../parts/simulation.tsx'
import { ruleName } from '../score-words.ts'
import { stripInput, stripLines, type Places } from '../strip.ts'
import type { PageContent } from '../shell.tsx'

export interface SimulationData extends SimulationDetail {
  places: Places
}

/** One simulation: how it ended, what was true against what was warned of, and its score. */
export function simulationPage({ simulation, score, strip, places }: SimulationData, page: PageContext): PageContent {
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
          {title[page.language]} <small>{run}</small> <StateBadge simulation={simulation} page={page} /> <SimBadge page={page} />
        </h1>
        {isRunning ? (
          <RunningPanel simulation={simulation} page={page} />
        ) : (
          <>
            <Ending simulation={simulation} page={page} />
            <Facts simulation={simulation} page={page} />
          </>
        )}
        {strip !== null && <Strip strip={strip} simulation={simulation} places={places} page={page} />}
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

interface StripParts extends Pick<SimulationData, 'simulation' | 'places'> {
  strip: TruthStrip
  page: PageContext
}

/** The picture, its legend, and the same as a table. */
function Strip({ strip, simulation, places, page }: StripParts) {
  const { titles, say } = page.t.simulator
  const width = page.viewport < phoneWidth ? page.viewport - 24 : Math.min(1080, page.viewport - 148)
  if (strip.events.length === 0 && strip.warnings.length === 0)
    return (
      <>
        <h2>{titles.strip}</h2>
        <p>{say.calm}</p>
      </>
    )
  return (
    <>
      <h2>{titles.strip}</h2>
      <Figure svg={truthStrip(stripInput(strip, simulation, places, page), width)} />
      <p class="small">{say.legend}</p>
      {strip.more && <p class="small">{say.onlySome}</p>}
      <details>
        <summary>{page.t.titles.table}</summary>
        <StripTable strip={strip} places={places} page={page} />
      </details>
    </>
  )
}

function StripTable({ strip, places, page }: Omit<StripParts, 'simulation'>) {
  const { titles, columns, verdict } = page.t.simulator
  const moment = (at: number | null) => (at === null ? '–' : <Moment at={at} zone={places.zone} page={page} />)
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={titles.strip}>
      <table>
        <thead>
          <tr>
            <Heads names={[columns.event, page.t.titles.stations, columns.level, columns.from, columns.to, columns.warning, '']} />
          </tr>
        </thead>
        <tbody>
          {stripLines(strip).map((line, place) => (
            <tr key={place}>
              <th scope="row">{ruleName(line.rule, page)}</th>
              <td>
                <a href={`/s/${encodeURIComponent(line.station)}`}>{places.nameOf(line.station)}</a>
              </td>
              <td>
                <LevelBadge level={line.level} page={page} />
              </td>
              <td>{moment(line.from)}</td>
              <td>{moment(line.to)}</td>
              <td>{line.warning === null ? '–' : <a href={`/w/${encodeURIComponent(line.warning.id)}`}>{moment(line.warning.at)}</a>}</td>
              <td>{verdict[line.verdict]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
