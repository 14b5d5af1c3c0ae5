import type { NetworkFile } from '../../domain/network-schema.ts'

export type StationFile = NetworkFile['stations'][number]
type SensorFile = StationFile['sensors'][number]

const sensor = (parameter: string, every: string, more: Partial<SensorFile> = {}): SensorFile => ({ parameter, every, ...more })
const rounded = (limits: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, Math.round(limit * 100) / 100]))

/** Stages of a river gauge, m, and the m3/s below which it is low water. */
export interface RiverStages {
  warning: number
  guarantee: number
  record: number
  low: number
}

export const riverGauge = ({ warning, guarantee, record, low }: RiverStages): SensorFile[] => [
  sensor('water_level', '5m', { stages: rounded({ warning, guarantee, record }), range: { fail: [-1, Math.ceil(record) + 5] } }),
  sensor('river_discharge', '5m', { stages: { low: Math.round(low * 1000) / 1000 } }),
]
export const reservoirGauge = (stages: { 'flood-limit': number; design: number; check: number }, range: [number, number]): SensorFile[] => [
  sensor('reservoir_level_upstream', '5m', { stages: rounded(stages), range: { fail: range } }),
  sensor('river_discharge', '5m'),
]
export const tideGauge = (): SensorFile[] => [
  sensor('water_level', '5m', { stages: { warning: 3.3, guarantee: 3.8, record: 4.3 }, range: { fail: [-3, 12] } }),
]
export const rainGauge = (): SensorFile[] => [sensor('rainfall', '5m')]
/** It sends the count of its tips; the count is a series of its own, declared so that it can be asked for. */
export const tipCounter = (): SensorFile[] => [sensor('rainfall', '5m', { from: 'counter', perTip: 0.2 }), sensor('rain_accumulated', '5m')]
/** Their spans are what may happen here, anoxic water and brine too: beyond the usual spans of rivers no rule would trust a reading. */
export const sonde = (): SensorFile[] => [
  ...['water_temperature', 'ph', 'turbidity'].map((key) => sensor(key, '15m')),
  sensor('dissolved_oxygen', '15m', { range: { suspect: [0, 20] } }),
  sensor('conductivity', '15m', { range: { suspect: [20, 20_000] } }),
]
/** Wet chemistry: one result an hour, of the slower ones one in four. */
export const analysers = (): SensorFile[] => [
  sensor('ammonia_nitrogen', '1h', { range: { fail: [0, 200], suspect: [0, 100] } }),
  ...['codmn', 'total_phosphorus', 'total_nitrogen'].map((key) => sensor(key, '4h')),
]
export const algae = (): SensorFile[] => [sensor('chlorophyll_a', '1h', { range: { suspect: [0, 400] } }), sensor('cyanobacteria', '1h')]
export const works = (): SensorFile[] => [
  sensor('wastewater_flow', '5m'),
  sensor('cod', '1h'),
  // The usual range is that of rivers; this is sewage.
  sensor('ammonia_nitrogen', '1h', { range: { fail: [0, 300], suspect: [0, 200] } }),
  sensor('total_phosphorus', '4h', { range: { fail: [0, 20], suspect: [0, 8] } }),
  sensor('ph', '15m'),
]
export const waterMeter = (): SensorFile[] => [sensor('water_flow', '15m')]
export const airMonitor = (): SensorFile[] =>
  ['pm2_5', 'pm10', 'no2', 'so2', 'o3', 'co', 'air_temperature', 'relative_humidity', 'wind_speed'].map((key) => sensor(key, '15m'))
/** A survey drone: air on its way, a sonde on a rope where it turns. It flies now and then: its series are irregular. */
export const drone = (): SensorFile[] =>
  ['pm2_5', 'pm10', 'no2', 'o3', 'air_temperature', 'relative_humidity', 'water_temperature', 'conductivity', 'turbidity'].map(
    (parameter) => ({ parameter }),
  )
export const soundMeter = (): SensorFile[] => [sensor('noise_leq', '15m')]
export const soilProbe = (): SensorFile[] => [sensor('soil_moisture_10cm', '1h'), sensor('soil_temperature', '1h')]
export const doseMeter = (): SensorFile[] => [sensor('gamma_dose_rate', '15m')]
export const tankGauge = (stages: { high: number; critical: number }): SensorFile[] => [
  sensor('water_depth', '5m', { stages: rounded(stages), range: { fail: [-0.5, 15] } }),
]
