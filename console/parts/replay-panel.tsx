import type { ReplayNote } from '../../api/schemas/simulation-replay.ts'
import type { PageContext } from '../context.ts'
import { counted, ruleName } from '../score-words.ts'
import { Moment } from './age.tsx'
import { LevelBadge } from './badges.tsx'
import { ScrollTable } from './scroll-table.tsx'

interface ReplayParts {
  replay: ReplayNote
  page: PageContext
}

/** What a replay does not have as it was: how much, then line by line. */
export function ReplayPanel({ replay, page }: ReplayParts) {
  const { titles, replay: words } = page.t.simulator
  const { configured, given, damaged, readingsDiffer, warningsDiffer, readings, warnings, from, to, network } = replay
  return (
    <section aria-label={titles.differences}>
      <h2>{titles.differences}</h2>
      <p>
        {words.of(network)}
        {from !== null && to !== null && (
          <>
            {' '}
            <Moment at={from} zone="UTC" page={page} /> – <Moment at={to} zone="UTC" page={page} /> UTC
          </>
        )}
        {page.language === 'zh' ? '；' : '; '}
        {configured ? words.otherConfiguration : words.sameConfiguration}
      </p>
      <p>
        <strong>{words.differ(counted(readingsDiffer), counted(warningsDiffer))}</strong>
      </p>
      <p class="small">
        {words.given(counted(given))} {damaged > 0 && words.damaged(counted(damaged))}
      </p>
      {warnings.length > 0 && <Warnings replay={replay} page={page} />}
      {readings.length > 0 && <Readings replay={replay} page={page} />}
    </section>
  )
}

function Warnings({ replay: { warnings, warningsDiffer }, page }: ReplayParts) {
  const { titles, columns, replay: words } = page.t.simulator
  const side = (one: ReplayNote['warnings'][number]['a']) =>
    one === null ? (
      words.notThere
    ) : (
      <>
        <LevelBadge level={one.level} page={page} /> {words.state[one.state] ?? one.state}
        {one.endedAt !== null && (
          <>
            {' '}
            <Moment at={one.endedAt} zone="UTC" page={page} />
          </>
        )}
      </>
    )
  return (
    <>
      <h3>{titles.warningsDiffer}</h3>
      <ScrollTable name={titles.warningsDiffer} heads={[columns.rule, page.t.titles.stations, columns.raised, words.then, words.again]}>
        {warnings.map((one, place) => (
          <tr key={place}>
            <th scope="row">{ruleName(one.rule, page)}</th>
            <td>{one.station}</td>
            <td>{one.at === null ? '–' : <Moment at={one.at} zone="UTC" page={page} />}</td>
            <td>{side(one.a)}</td>
            <td>{side(one.b)}</td>
          </tr>
        ))}
      </ScrollTable>
      {warningsDiffer > warnings.length && <p class="small">{words.onlyFirst(counted(warnings.length))}</p>}
    </>
  )
}

function Readings({ replay: { readings, readingsDiffer }, page }: ReplayParts) {
  const { titles, columns, replay: words } = page.t.simulator
  const side = (one: ReplayNote['readings'][number]['a']): string =>
    one === null
      ? words.notThere
      : [one.value ?? '–', page.t.flag[one.flag as keyof typeof page.t.flag], one.tests].filter((part) => part !== '').join(' · ')
  return (
    <>
      <h3>{titles.readingsDiffer}</h3>
      <ScrollTable name={titles.readingsDiffer} heads={[columns.series, columns.observed, words.then, words.again]}>
        {readings.map((one, place) => (
          <tr key={place}>
            <th scope="row">{one.series}</th>
            <td>
              <Moment at={one.at} zone="UTC" page={page} />
            </td>
            <td>{side(one.a)}</td>
            <td>{side(one.b)}</td>
          </tr>
        ))}
      </ScrollTable>
      {readingsDiffer > readings.length && <p class="small">{words.onlyFirst(counted(readings.length))}</p>}
    </>
  )
}
