import { parameterKey, sensorId, stationId } from './ids.ts'
import type { LooseSensor, LooseStation } from './network-schema.ts'
import type { Permit, Reach, Sensor, Station } from './network.ts'
import { hint } from './nearest.ts'
import type { Parameter } from './parameter.ts'
import { nearestParameter, parameters } from './parameters.ts'
import type { Problems } from './problems.ts'
import { isMomentary, totalOf } from './sampling.ts'
import { parseDuration } from './time.ts'
import { convert } from './units.ts'
import type { Words } from './warning.ts'

const hour = 3_600_000

/** Stations of a file as the model has them; what is wrong goes to `problems` and gets a harmless value. */
export function buildStations(files: readonly (LooseStation | undefined)[], network: string, problems: Problems): Station[] {
  const ids = new Set(files.flatMap((file) => file?.id ?? []))
  const seen = new Set<string>()
  return files.flatMap((file, place): Station[] => {
    const path = `stations[${place}]`
    if (file?.id === undefined) return []
    if (seen.has(file.id)) problems.add(`${path}.id`, () => `station ${file.id} stands in the file twice; ids are unique`)
    seen.add(file.id)
    return [buildStation(file, file.id, network, ids, path, problems)]
  })
}

function buildStation(
  file: LooseStation,
  id: string,
  network: string,
  ids: ReadonlySet<string>,
  path: string,
  problems: Problems,
): Station {
  const { location, zone } = file
  return {
    id: stationId(id),
    name: wordsOf(file.name, id),
    kind: file.kind ?? 'river',
    location: location === undefined ? null : { lon: location.lon ?? 0, lat: location.lat ?? 0 },
    reach: file.reach === undefined ? null : buildReach(file.reach, id, ids, `${path}.reach`, problems),
    targetClass: file.targetClass ?? null,
    zone: zone === undefined ? null : { name: wordsOf(zone.name, id), targetClass: zone.targetClass ?? null },
    permit: file.permit === undefined ? null : buildPermit(file.permit, `${path}.permit`, problems),
    sensors: buildSensors(file.sensors ?? [], id, `${path}.sensors`, problems),
    network,
  }
}

/** One text for both languages, or one each; `fallback` when there is none. */
export function wordsOf(written: string | { en?: string | undefined; zh?: string | undefined } | undefined, fallback: string): Words {
  if (typeof written === 'object') return { en: written.en ?? fallback, zh: written.zh ?? fallback }
  return { en: written ?? fallback, zh: written ?? fallback }
}

function buildReach(
  file: NonNullable<LooseStation['reach']>,
  id: string,
  ids: ReadonlySet<string>,
  path: string,
  problems: Problems,
): Reach {
  const { downstream = '', travelTime, length } = file
  if (downstream === id) problems.add(`${path}.downstream`, () => `station ${id} cannot flow into itself`)
  else if (downstream !== '' && !ids.has(downstream)) {
    const others = [...ids].filter((other) => other !== id)
    problems.add(`${path}.downstream`, () => `there is no station "${downstream}" in this network${hint(downstream, others)}`)
  }
  const travelTimeMs = travelTime === undefined ? null : readDuration(travelTime, `${path}.travelTime`, problems)
  const lengthKm = length === undefined ? null : readQuantity(length, 'km', undefined, `${path}.length`, problems)
  return { downstream: stationId(downstream), travelTimeMs, lengthKm }
}

function buildPermit(file: NonNullable<LooseStation['permit']>, path: string, problems: Problems): Permit {
  const { parameter, amount = 0, unit = 'kg' } = file
  if (parameter !== undefined) findOrReport(parameter, `${path}.parameter`, problems)
  else if (unit === 'kg') problems.add(`${path}.parameter`, () => 'a load in kg needs the parameter it is a load of, e.g. cod')
  return { parameter: parameter === undefined ? null : parameterKey(parameter), amount, unit }
}

function buildSensors(files: readonly (LooseSensor | undefined)[], station: string, path: string, problems: Problems): Sensor[] {
  const seen = new Set<string>()
  return files.flatMap((file, place): Sensor[] => {
    const here = `${path}[${place}]`
    const parameter = file?.parameter === undefined ? null : findOrReport(file.parameter, `${here}.parameter`, problems)
    if (file === undefined || parameter === null) return []
    const sensor = buildSensor(file, measuredAs(file, parameter, here, problems), station, here, problems)
    if (seen.has(sensor.id)) problems.add(here, () => `${sensor.id} stands here twice; give the second one another number`)
    seen.add(sensor.id)
    return [sensor]
  })
}

/** The parameter as its series has it: a total has a unit of its own. */
function measuredAs({ statistic, every }: LooseSensor, parameter: Parameter, path: string, problems: Problems): Parameter {
  if (statistic !== undefined && !isMomentary(statistic) && every === undefined)
    problems.add(`${path}.statistic`, () => `${statistic} of what? Say its period with every, such as every: 1h`)
  if (statistic !== 'total') return parameter
  const total = totalOf(parameter)
  if (total === null) problems.add(`${path}.statistic`, () => `a total of ${parameter.key} (${parameter.display}) means nothing`)
  return total ?? parameter
}

function buildSensor(file: LooseSensor, parameter: Parameter, station: string, path: string, problems: Problems): Sensor {
  const { number = 1, every, from = 'value', perTip, modulus, lateness } = file
  const id = sensorId(stationId(station), parameter.key, number)
  const everyMs = every === undefined ? null : readDuration(every, `${path}.every`, problems)
  if (everyMs === 0) problems.add(`${path}.every`, () => 'an interval of 0 is none; leave it out for an irregular series')
  for (const [name, value] of Object.entries({ perTip, modulus })) {
    if (value === 0) problems.add(`${path}.${name}`, () => `${name} must be more than 0`)
    if (value !== undefined && from !== 'counter')
      problems.add(`${path}.${name}`, () => `${name} is for a counter; write from: counter, or leave it out`)
  }
  return {
    id,
    station: stationId(station),
    parameter,
    number,
    everyMs,
    statistic: file.statistic ?? null,
    from,
    perTip: perTip ?? null,
    modulus: modulus ?? null,
    stages: readStages(file, parameter, path, problems),
    range: readRange(file.range, parameter, `${path}.range`, problems),
    latenessMs: (lateness === undefined ? null : readDuration(lateness, `${path}.lateness`, problems)) ?? 24 * hour,
  }
}

function readStages(file: LooseSensor, parameter: Parameter, path: string, problems: Problems): Sensor['stages'] {
  const stages = Object.entries(file.stages ?? {}).flatMap(([name, value]): [string, number][] =>
    value === undefined ? [] : [[name, readQuantity(value, parameter.unit, parameter, `${path}.stages.${name}`, problems)]],
  )
  return new Map(stages)
}

function readRange(file: LooseSensor['range'], parameter: Parameter, path: string, problems: Problems): Sensor['range'] {
  const pair = (name: 'fail' | 'suspect'): readonly [number, number] | null => {
    const ends = file?.[name]
    if (ends?.[0] === undefined || ends[1] === undefined) return null
    const [low = 0, high = 0] = ends.map((end, place) =>
      readQuantity(end ?? 0, parameter.unit, parameter, `${path}.${name}[${place}]`, problems),
    )
    if (low > high) problems.add(`${path}.${name}`, () => `the range runs backwards: ${low} is above ${high}; write the lower end first`)
    return [low, high]
  }
  const [fail, suspect] = [pair('fail'), pair('suspect')]
  const outer = fail ?? [parameter.grossRange.min ?? -Infinity, parameter.grossRange.max ?? Infinity]
  if (suspect !== null && (suspect[0] < outer[0] || suspect[1] > outer[1]))
    problems.add(`${path}.suspect`, () => {
      const whose = fail === null ? `the catalogue's range of ${parameter.key}` : 'the fail range'
      return `${suspect[0]} to ${suspect[1]} reaches outside ${whose}, ${outer[0]} to ${outer[1]}; the suspect range lies within`
    })
  return { fail, suspect }
}

/** A catalogue entry by its key; a name that is none is reported with the nearest one. */
export function findOrReport(key: string, path: string, problems: Problems): Parameter | null {
  const found = parameters.get(key)
  if (found !== undefined) return found
  problems.add(path, () => {
    const near = nearestParameter(key)
    return `parameter "${key}" is not in the catalogue${near === null ? '' : `; did you mean ${near.key}?`}`
  })
  return null
}

/** ms of a duration text; a text that is none is reported and is null. */
export function readDuration(text: string, path: string, problems: Problems): number | null {
  const ms = parseDuration(text)
  if (ms === null) problems.add(path, () => `"${text}" is not a duration; write a number with ms, s, m, h, d or w, such as 15m or 1h30m`)
  return ms
}

/** A number as it is, or a text with a unit turned into `unit`; a text that is neither is reported and counts as 0. */
function readQuantity(written: number | string, unit: string, parameter: Parameter | undefined, path: string, problems: Problems): number {
  if (typeof written === 'number') return written
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*(\S.*)$/.exec(written.trim())
  if (match === null) {
    problems.add(path, () => `"${written}" is not a number with a unit, such as "12.5 ${unit}"`)
    return 0
  }
  const turned = convert(Number(match[1]), match[2] ?? '', unit, parameter)
  if ('value' in turned) return turned.value
  problems.add(path, () => turned.detail)
  return 0
}
