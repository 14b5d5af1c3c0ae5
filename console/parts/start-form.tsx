import type { FaultNote, ScenarioNote, SimulatorState } from '../../api/schemas/simulation.ts'
import { duration } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { faultName } from '../score-words.ts'
import { speedText } from './simulation.tsx'

/** Fields of the form as they were typed. */
export type StartFields = Readonly<Record<string, string | undefined>>

const speeds = ['usual', '1', '10', '60', '120', '300', '1000', 'max'] as const
const factors = ['0', '0.5', '1', '2', '4'] as const
const shares = ['0.05', '0.1', '0.2', '0.5', '1'] as const

/** One form: settings, what goes wrong, and a card a scenario with the button that starts it. */
export function StartForm({ state, fields, page }: { state: SimulatorState; fields: StartFields; page: PageContext }) {
  const { titles } = page.t.simulator
  // the story first: a press of Enter in a field starts it
  const [story, others] = [state.scenarios.filter(({ id }) => id === 'flood'), state.scenarios.filter(({ id }) => id !== 'flood')]
  return (
    <form method="post" action="/sim" class="start">
      <h2>{titles.settings}</h2>
      <Settings fields={fields} page={page} />
      <Faults faults={state.faults} fields={fields} page={page} />
      <h2>{titles.scenarios}</h2>
      <ul class="scenarios">
        {[...story, ...others].map((scenario) => (
          <ScenarioCard key={scenario.id} scenario={scenario} page={page} />
        ))}
        <LoadCard fields={fields} page={page} />
      </ul>
    </form>
  )
}

function ScenarioCard({ scenario, page }: { scenario: ScenarioNote; page: PageContext }) {
  const { say, buttons } = page.t.simulator
  const { id, title, about, lastsMs, stations, speed, faults, leftOut } = scenario
  const listed = (types: readonly string[]): string => types.map((type) => faultName(type, page)).join(page.language === 'zh' ? '、' : ', ')
  return (
    <li class="scenario" id={id}>
      <h3>{title[page.language]}</h3>
      <p>{about[page.language]}</p>
      <p class="small">
        {say.facts(String(stations), duration(lastsMs, page.language))}
        {page.language === 'zh' ? '，' : ', '}
        {speedText(speed, page)}
      </p>
      {faults.length > 0 && <p class="small">{say.ownFaults(listed(faults))}</p>}
      {leftOut.length > 0 && <p class="small">{say.leftOut(listed(leftOut))}</p>}
      <button type="submit" name="scenario" value={id}>
        {buttons.start}
        <span class="visually-hidden"> {title[page.language]}</span>
      </button>
    </li>
  )
}

/** Many devices at once: a form within the form, with an address of its own. */
function LoadCard({ fields, page }: { fields: StartFields; page: PageContext }) {
  const { load, buttons } = page.t.simulator
  return (
    <li class="scenario" id="load">
      <h3>{load.title}</h3>
      <p>{load.about}</p>
      <div class="settings">
        <label>
          <span>{load.devices}</span>
          <input name="devices" type="number" min={1} max={10_000} value={fields.devices ?? '10000'} />
        </label>
        <label>
          <span>{load.minutes}</span>
          <input name="minutes" type="number" min={0.1} max={30} step={0.1} value={fields.minutes ?? '2'} />
        </label>
      </div>
      <button type="submit" formaction="/sim/load">
        {buttons.start}
        <span class="visually-hidden"> {load.title}</span>
      </button>
    </li>
  )
}

function Settings({ fields, page }: { fields: StartFields; page: PageContext }) {
  const { columns, speed, say } = page.t.simulator
  const speedName = (one: (typeof speeds)[number]): string => (one === 'usual' ? speed.usual : one === 'max' ? speed.max : speed.times(one))
  return (
    <>
      <div class="settings">
        <label>
          <span>{columns.speed}</span>
          <Choices name="speed" values={speeds} chosen={fields.speed ?? 'usual'} text={speedName} />
        </label>
        <label>
          <span>{columns.seed}</span>
          <input name="seed" type="number" min={0} max={999_999_999} value={fields.seed ?? '1'} required />
        </label>
        <label>
          <span>{columns.stations}</span>
          <input name="stations" type="number" min={21} max={10_000} value={fields.stations ?? ''} placeholder="21–10000" />
        </label>
        <label>
          <span>{columns.hours}</span>
          <input name="hours" type="number" min={0.25} max={8784} step={0.25} value={fields.hours ?? ''} />
        </label>
        <label>
          <span>{columns.start}</span>
          <input name="start" type="datetime-local" value={fields.start ?? ''} min="2000-01-01T00:00" max="2099-12-31T00:00" />
        </label>
      </div>
      <p class="small">{say.emptyMeans}</p>
    </>
  )
}

const places = ['value', 'clock', 'wire', 'line'] as const

function Faults({ faults, fields, page }: { faults: readonly FaultNote[]; fields: StartFields; page: PageContext }) {
  const { titles, columns, factor, place } = page.t.simulator
  const isTouched = (fields.factor ?? '1') !== '1' || faults.some(({ type }) => fields[`fault-${type}`] !== undefined)
  return (
    <details open={isTouched}>
      <summary>{titles.faults}</summary>
      <div class="settings">
        <label>
          <span>{columns.factor}</span>
          <Choices
            name="factor"
            values={factors}
            chosen={fields.factor ?? '1'}
            text={(one) => (one === '0' ? factor.none : factor.times(one))}
          />
        </label>
        <label>
          <span>{columns.share}</span>
          <Choices name="share" values={shares} chosen={fields.share ?? '0.2'} text={(one) => `${Number(one) * 100} %`} />
        </label>
      </div>
      <h3>{titles.moreFaults}</h3>
      <div class="faults">
        {places.map((at) => (
          <fieldset key={at}>
            <legend>{place[at]}</legend>
            {faults
              .filter((fault) => fault.at === at)
              .map(({ type }) => (
                <label class="choice" key={type}>
                  <input type="checkbox" name={`fault-${type}`} value="1" checked={fields[`fault-${type}`] !== undefined} />{' '}
                  {faultName(type, page)}
                </label>
              ))}
          </fieldset>
        ))}
      </div>
    </details>
  )
}

function Choices<Value extends string>({
  name,
  values,
  chosen,
  text,
}: {
  name: string
  values: readonly Value[]
  chosen: string
  text: (value: Value) => string
}) {
  return (
    <select name={name}>
      {values.map((value) => (
        <option key={value} value={value} selected={value === chosen}>
          {text(value)}
        </option>
      ))}
    </select>
  )
}
