import type { ComponentChildren } from 'preact'
import type { SimulationScore } from '../../api/schemas/simulation-score.ts'
import type { PageContext } from '../context.ts'
import { counted, faultName, figureText, figureUnits, minutesText, named, ruleName } from '../score-words.ts'

/** The score as the command line prints it: one figure a row, then by rule, by fault and by test. */
export function ScoreTables({ score, page }: { score: SimulationScore; page: PageContext }) {
  const { titles, columns } = page.t.simulator
  const share = (value: number | null): string => figureText(value, 'ratio', page)
  const names = Object.keys(figureUnits).filter((name) => name in score.figures)
  const meaning = (name: string): string => page.t.simulator.figure[name]?.meaning ?? ''
  return (
    <>
      <h2>{titles.score}</h2>
      <Grid
        texts={[2]}
        name={titles.score}
        head={[columns.figure, columns.value, columns.meaning]}
        rows={names.map((name) => [
          page.t.simulator.figure[name]?.name ?? name,
          figureText(score.figures[name] ?? null, figureUnits[name] ?? 'count', page),
          meaning(name),
        ])}
      />
      <Section
        name={titles.byRule}
        head={[columns.rule, columns.events, columns.hits, columns.misses, columns.false, columns.csi, columns.lead]}
        rows={score.byRule.map((one) => [
          ...[ruleName(one.rule, page), one.events, one.hits, one.misses, one.falseAlarms, share(one.csi)],
          minutesText(one.medianLeadMs, page),
        ])}
      />
      <Section
        name={titles.byFault}
        texts={[1]}
        head={[
          columns.fault,
          columns.expects,
          columns.faults,
          columns.seen,
          columns.readings,
          columns.seen,
          columns.recall,
          columns.harmless,
        ]}
        rows={score.quality.byFault.map((one) => [
          ...[faultName(one.type, page), named(page.t.simulator.expects, one.expects), one.faults, one.faultsSeen],
          ...[one.readings, one.readingsSeen, share(one.recall), one.harmless ?? '–'],
        ])}
      />
      <Section
        name={titles.byTest}
        head={[columns.test, columns.flagged, columns.right, columns.precision]}
        rows={score.quality.byTest.map((one) => [named(page.t.test, one.test), one.flagged, one.right, share(one.precision)])}
      />
    </>
  )
}

interface SectionParts {
  name: string
  head: readonly string[]
  rows: readonly (readonly (string | number)[])[]
  texts?: readonly number[]
}

function Section({ name, head, rows, texts = [] }: SectionParts) {
  if (rows.length === 0) return null
  return (
    <>
      <h2>{name}</h2>
      <Grid
        name={name}
        head={head}
        rows={rows.map((row) => row.map((cell) => (typeof cell === 'number' ? counted(cell) : cell)))}
        texts={texts}
      />
    </>
  )
}

interface GridParts {
  name: string
  head: readonly string[]
  rows: readonly (readonly ComponentChildren[])[]
  /** Columns that hold words; the first names the rows, all others hold numbers. */
  texts: readonly number[]
}

/** A table that scrolls by itself. */
function Grid({ name, head, rows, texts }: GridParts) {
  const side = (place: number) => (place === 0 || texts.includes(place) ? {} : { class: 'number' })
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            {head.map((title, place) => (
              <th scope="col" key={place} {...side(place)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, place) =>
                place === 0 ? (
                  <th scope="row" key={place}>
                    {cell}
                  </th>
                ) : (
                  <td key={place} {...side(place)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
