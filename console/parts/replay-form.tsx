import type { SimulatorState } from '../../api/schemas/simulation.ts'
import type { PageContext } from '../context.ts'
import type { StartFields } from './start-form.tsx'
import { speedText } from './simulation.tsx'

const speeds = ['max', '1000', '300', '120', '60', '10', '1'] as const

interface ReplayFormParts {
  state: SimulatorState
  fields: StartFields
  page: PageContext
}

/** Which time of which network is replayed, how fast, and under which configuration; a file goes into the field by script. */
export function ReplayForm({ state, fields, page }: ReplayFormParts) {
  const { titles, columns, buttons, replay } = page.t.simulator
  return (
    <form method="post" action="/sim/replay" class="start" id="replay">
      <h2>{titles.replay}</h2>
      <p class="small">{replay.about}</p>
      <div class="settings">
        <label>
          <span>{replay.source}</span>
          <select name="network">
            {[...state.sources].sort(byFleet).map(({ network, name, run }) => (
              <option key={network} value={network} selected={network === fields.network}>
                {`${name[page.language]} (${network})${run === null ? '' : ' · SIM'}`}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>{columns.start}</span>
          <input name="from" type="datetime-local" value={fields.from ?? ''} min="2000-01-01T00:00" max="2099-12-31T00:00" />
        </label>
        <label>
          <span>{columns.hours}</span>
          <input name="hours" type="number" min={0.25} max={744} step={0.25} value={fields.hours ?? '24'} />
        </label>
        <label>
          <span>{columns.speed}</span>
          <select name="speed">
            {speeds.map((speed) => (
              <option key={speed} value={speed} selected={speed === fields.speed}>
                {speedText(speed === 'max' ? speed : Number(speed), page)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="small">{replay.emptyMeans}</p>
      <details open={(fields.configuration ?? '') !== ''}>
        <summary>{replay.configuration}</summary>
        <p class="small">{replay.configurationHint}</p>
        <label class="script">
          <span>{replay.file}</span> <input type="file" accept=".yaml,.yml,.json" data-fills="configuration" />
        </label>
        <label>
          <span>{replay.text}</span>
          <textarea id="configuration" name="configuration" rows={10} spellcheck={false} value={fields.configuration ?? ''} />
        </label>
      </details>
      <button type="submit">{buttons.replay}</button>
    </form>
  )
}

/** The real fleet first. */
const byFleet = (a: SimulatorState['sources'][number], b: SimulatorState['sources'][number]): number =>
  Number(a.run !== null) - Number(b.run !== null)
