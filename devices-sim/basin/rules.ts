import type { RuleFile } from '../../domain/network-schema.ts'
import type { StationFile } from './sensors.ts'

/** When a made basin warns: rules of every kind, with their settings written out. */
export function basinRules(stations: readonly StationFile[]): RuleFile[] {
  const { of, measuring } = finderIn(stations)
  const high = (id: string, parameter: string, more: Partial<RuleFile>): RuleFile => ({ id, kind: 'threshold', parameter, ...more })
  const counted = { inclusive: false, onCount: 1, offCount: 2 }
  return [
    high('level-high', 'water_level', {
      levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
      ...{ hold: '10m', deadband: 0.05, clearAfter: '30m' },
    }),
    high('reservoir-high', 'reservoir_level_upstream', {
      levels: { yellow: 'stage.flood-limit', orange: 'stage.design', red: 'stage.check' },
      ...{ hold: '30m', deadband: 0.05, clearAfter: '2h' },
    }),
    {
      ...{ id: 'rising-fast', kind: 'rate-of-rise', parameter: 'water_level', stations: of('river') },
      ...{ levels: { blue: 0.4, yellow: 0.8, orange: 1.5 }, window: '30m' },
    },
    {
      ...{ id: 'toward-stage', kind: 'trend', parameter: 'water_level', stations: of('river') },
      ...{ window: '10h', least: 8, horizon: '12h', levels: { blue: 'stage.warning' } },
    },
    { id: 'rain-1h', kind: 'rain-accumulation', parameter: 'rainfall', hours: 1, levels: { blue: 20, yellow: 30, orange: 50, red: 80 } },
    { id: 'rain-6h', kind: 'rain-accumulation', parameter: 'rainfall', hours: 6, levels: { yellow: 50, orange: 80, red: 120 } },
    high('low-water', 'river_discharge', {
      ...{ stations: of('river'), direction: 'down', levels: { yellow: 'stage.low' } },
      ...{ hold: '6h', deadband: 0.01, clearAfter: '6h' },
    }),
    high('ammonia-high', 'ammonia_nitrogen', {
      stations: measuring('ammonia_nitrogen', 'river', 'water-source'),
      levels: { yellow: 1, orange: 1.5, red: 2 },
      ...{ ...counted, deadband: 0.05 },
    }),
    high('effluent-ammonia', 'ammonia_nitrogen', { stations: of('outfall'), levels: { yellow: 5, orange: 8 }, ...counted, deadband: 0.5 }),
    high('effluent-cod', 'cod', { stations: of('outfall'), levels: { yellow: 50, orange: 75, red: 100 }, ...counted, deadband: 2 }),
    high('oxygen-low', 'dissolved_oxygen', {
      ...{ direction: 'down', levels: { yellow: 5, orange: 3, red: 2 }, hold: '30m', deadband: 0.2, clearAfter: '1h' },
    }),
    high('salt-high', 'conductivity', {
      ...{ stations: measuring('conductivity'), levels: { yellow: 1000, orange: 1500 } },
      ...{ hold: '30m', deadband: 20, clearAfter: '1h' },
    }),
    high('algae-high', 'chlorophyll_a', { levels: { yellow: 40, orange: 80, red: 120 }, hold: '2h', deadband: 2, clearAfter: '4h' }),
    high('tank-high', 'water_depth', {
      levels: { orange: 'stage.high', red: 'stage.critical' },
      ...{ hold: '10m', deadband: 0.1, clearAfter: '30m' },
    }),
    {
      ...{ id: 'toward-critical', kind: 'trend', parameter: 'water_depth', stations: of('hazard') },
      ...{ window: '10h', least: 8, horizon: '12h', levels: { blue: 'stage.critical' } },
    },
    high('dust-high', 'pm2_5', {
      ...{ stations: measuring('pm2_5'), levels: { blue: 75, yellow: 115, orange: 150, red: 250 } },
      ...{ hold: '1h', deadband: 5, clearAfter: '1h' },
    }),
    high('dose-high', 'gamma_dose_rate', { levels: { orange: 200, red: 500 }, hold: '30m', deadband: 10, clearAfter: '1h' }),
    { id: 'gauge-silent', kind: 'silence', parameter: 'water_level', after: '1h', level: 'blue' },
    { id: 'rain-silent', kind: 'silence', parameter: 'rainfall', after: '2h', level: 'blue' },
  ]
}

/** Finds stations by their kinds, and by what they measure all the time: a drone lands in between. */
function finderIn(stations: readonly StationFile[]) {
  const ids = (fits: (station: StationFile) => boolean): string[] => stations.filter(fits).map(({ id }) => id)
  const measures = ({ sensors }: StationFile, key: string): boolean =>
    sensors.some(({ parameter, every }) => parameter === key && every !== undefined)
  return {
    of: (...kinds: readonly string[]) => ids(({ kind }) => kinds.includes(kind)),
    measuring: (parameter: string, ...kinds: readonly string[]) =>
      ids((station) => measures(station, parameter) && (kinds.length === 0 || kinds.includes(station.kind))),
  }
}
