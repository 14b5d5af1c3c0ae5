import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { LoadNote } from '../../api/schemas/simulation-load.ts'
import { loadFigure } from '../../figures/load-chart.ts'
import { figureWords } from '../../figures/words.ts'
import { phoneWidth, type PageContext } from '../context.ts'
import { counted } from '../score-words.ts'
import { Figure } from './figure.tsx'

interface LoadParts {
  simulation: SimulationNote
  load: LoadNote
  page: PageContext
}

/** What many devices have come to: its figures in words, then throughput and the percentiles of PUBACK against time. */
export function LoadPanel({ simulation, load, page }: LoadParts) {
  const { titles, load: words } = page.t.simulator
  const { connected, firstReadingMs, unacknowledged, lost, doubled, latencyMs, serverBytes, timeline } = load
  const of = (ms: number | null): string => (ms === null ? '–' : ms.toFixed(ms < 10 ? 1 : 0))
  return (
    <section aria-label={titles.load}>
      <h2>{titles.load}</h2>
      <p role="status">{words.connected(counted(connected), counted(simulation.stations))}</p>
      <ul class="figures">
        {firstReadingMs !== null && <li>{words.firstReading((firstReadingMs / 1000).toFixed(1))}</li>}
        <li>{words.latency(of(latencyMs.p50), of(latencyMs.p99), of(latencyMs.p999))}</li>
        <li>{words.unacknowledged(counted(unacknowledged))}</li>
        {lost !== null && doubled !== null && (
          <li>
            <strong>{words.loss(counted(lost), counted(doubled))}</strong>
          </li>
        )}
        {serverBytes !== null && <li>{words.memory(mega(serverBytes.first), mega(serverBytes.most))}</li>}
      </ul>
      {timeline.length > 1 && <LoadFigure simulation={simulation} timeline={timeline} page={page} />}
    </section>
  )
}

const mega = (bytes: number): string => String(Math.round(bytes / 1e6))

function LoadFigure({ simulation, timeline, page }: Pick<LoadParts, 'simulation' | 'page'> & Pick<LoadNote, 'timeline'>) {
  const { load: words } = page.t.simulator
  const { simulated, simulatedLong } = figureWords[page.language]
  const isPhone = page.viewport < phoneWidth
  const size = { width: isPhone ? page.viewport - 24 : Math.min(900, page.viewport - 148), height: isPhone ? 360 : 420 }
  const input = { title: simulation.title[page.language], seconds: timeline }
  return <Figure svg={loadFigure(input, size, { ...words, mark: isPhone ? simulated : `${simulated} · ${simulatedLong}` })} />
}
