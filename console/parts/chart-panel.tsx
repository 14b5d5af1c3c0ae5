import { hydrograph, type HydrographInput } from '../../figures/hydrograph.ts'
import { number } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { Moment } from './age.tsx'
import { Figure } from './figure.tsx'

interface Panel {
  input: HydrographInput
  size: { width: number; height: number }
  /** Where the browser gets the same chart as data. */
  source: string
  page: PageContext
}

/**
 * The hydrograph, drawn on the server; the browser lays a cursor over it that the keyboard moves, and draws it anew as readings come.
 * Below it the twin for who reads numbers: the newest readings as a table.
 */
export function ChartPanel({ input, size, source, page }: Panel) {
  const { t, language } = page
  return (
    <div class="chart-panel" id={`${input.id}-panel`}>
      <div
        class="chart"
        data-chart={source}
        tabIndex={0}
        role="group"
        aria-label={t.browser.chartLabel(input.place, input.quantity)}
        aria-describedby={`${input.id}-help`}
      >
        <Figure svg={hydrograph(input, size, language)} />
      </div>
      <output class="readout" id={`${input.id}-readout`} aria-live="polite" />
      <p class="visually-hidden" id={`${input.id}-help`}>
        {t.browser.chartHelp}
      </p>
      <Twin input={input} page={page} />
    </div>
  )
}

/** Readings of the table twin; the rest is in the download. */
const rowsAtMost = 100

function Twin({ input, page }: { input: HydrographInput; page: PageContext }) {
  const { t } = page
  const inside = input.points.filter((point) => point.at >= input.from && point.at <= input.to)
  const newest = inside.slice(-rowsAtMost).reverse()
  return (
    <details class="twin">
      <summary>{t.titles.table}</summary>
      <p>{t.say.shownRows(newest.length, inside.length)}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t.titles.table}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.columns.time}</th>
              <th scope="col">
                {t.columns.value} ({input.unit})
              </th>
              <th scope="col">{t.columns.quality}</th>
            </tr>
          </thead>
          <tbody>
            {newest.map((point) => (
              <tr key={point.at}>
                <td>
                  <Moment at={point.at} zone={input.zone} page={page} />
                </td>
                <td class="number">{number(point.value, input.decimals)}</td>
                <td>
                  {t.flag[point.flag]}
                  {point.late === true && ` · ${t.browser.late}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
