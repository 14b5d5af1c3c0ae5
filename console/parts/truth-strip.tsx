import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { TruthStrip } from '../../api/schemas/simulation-score.ts'
import { truthStrip } from '../../figures/truth-strip.ts'
import { phoneWidth, type PageContext } from '../context.ts'
import { ruleName } from '../score-words.ts'
import { stripInput, stripLines, type Places } from '../strip.ts'
import { Moment } from './age.tsx'
import { LevelBadge } from './badges.tsx'
import { Figure } from './figure.tsx'
import { ScrollTable } from './scroll-table.tsx'

interface StripParts {
  strip: TruthStrip
  /** How far the clock of the run has come; null = it is over. */
  at: number | null
  simulation: Pick<SimulationNote, 'title' | 'start' | 'end'>
  places: Places
  page: PageContext
}

/** The picture, its legend, and the same as a table. */
export function Strip({ strip, at, simulation, places, page }: StripParts) {
  const { titles, say } = page.t.simulator
  const width = page.viewport < phoneWidth ? page.viewport - 24 : Math.min(1080, page.viewport - 148)
  if (strip.events.length === 0 && strip.warnings.length === 0)
    return (
      <>
        <h2>{titles.strip}</h2>
        <p>{at === null ? say.calm : say.calmSoFar}</p>
      </>
    )
  return (
    <>
      <h2>{titles.strip}</h2>
      <Figure svg={truthStrip(stripInput(strip, { ...simulation, at }, places, page), width)} />
      <p class="small">{at === null ? say.legend : say.legendSoFar}</p>
      {strip.more && <p class="small">{say.onlySome}</p>}
      <details>
        <summary>{page.t.titles.table}</summary>
        <StripTable strip={strip} at={at} places={places} page={page} />
      </details>
    </>
  )
}

function StripTable({ strip, at, places, page }: Omit<StripParts, 'simulation'>) {
  const { titles, columns, verdict } = page.t.simulator
  const moment = (when: number | null) => (when === null ? '–' : <Moment at={when} zone={places.zone} page={page} />)
  return (
    <ScrollTable
      name={titles.strip}
      heads={[columns.event, page.t.titles.stations, columns.level, columns.from, columns.to, columns.warning, '']}
    >
      {stripLines(strip, at !== null).map((line, place) => (
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
    </ScrollTable>
  )
}
