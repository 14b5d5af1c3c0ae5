import type { SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import type { LiveTruth } from '../../api/schemas/simulation-score.ts'
import type { PageContext } from '../context.ts'
import { counted, faultName } from '../score-words.ts'
import { placesIn } from '../strip.ts'
import { Moment } from './age.tsx'
import { Strip } from './truth-strip.tsx'

interface SoFar {
  simulation: SimulationNote
  live: LiveTruth
  places: SimulationDetail['places']
  page: PageContext
}

/** Truth against warnings as far as the clock of the run has come, and the faults that have struck. A screen reader hears of what is new. */
export function LiveStrip({ simulation, live, places, page }: SoFar) {
  const { say } = page.t.simulator
  const known = placesIn(places, page.language)
  const { events, warnings } = live.strip
  const warned = events.filter(({ warning }) => warning !== null).length
  const ofNone = warnings.filter(({ verdict }) => verdict === 'false' || verdict === 'open').length
  return (
    <section class="live-strip" aria-label={page.t.simulator.titles.strip}>
      <p>
        {say.clock} <Moment at={live.at} zone={known.zone} page={page} />
      </p>
      <p role="status">
        <strong>{say.soFar(counted(events.length), counted(warned), counted(ofNone))}</strong>
      </p>
      <FaultsSoFar faults={live.faults} page={page} />
      <Strip strip={live.strip} at={live.at} simulation={simulation} places={known} page={page} />
    </section>
  )
}

function FaultsSoFar({ faults, page }: { faults: LiveTruth['faults']; page: PageContext }) {
  const { say } = page.t.simulator
  if (faults.length === 0) return <p class="small">{say.noFaults}</p>
  const told = faults.map(({ type, struck, now }) => say.faultSoFar(faultName(type, page), counted(struck), counted(now)))
  return <p class="small">{say.faultsSoFar(told.join(page.language === 'zh' ? '、' : ', '))}</p>
}
