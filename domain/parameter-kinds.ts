/** Groups of parameters that share their defaults for quality tests; the limits of each stand in ingest/quality. */
export const parameterKinds = [
  'stage', // levels of rivers, reservoirs and wells, m
  'discharge', // m3/s and other flows
  'velocity',
  'rain', // increments and sums
  'rain-counter', // grows until it wraps
  'water-temperature',
  'ph',
  'dissolved-oxygen',
  'conductivity',
  'turbidity',
  'analyser', // ammonia, CODMn, TP, TN and their like: one result in 1 to 4 h
  'chlorophyll',
  'particles', // PM2.5, PM10, TSP
  'gas', // µg/m3
  'carbon-monoxide', // mg/m3
  'weather', // air temperature, humidity, pressure, wind
  'power', // the device's own supply
  'other',
] as const
export type ParameterKind = (typeof parameterKinds)[number]

const keysOf: Readonly<Partial<Record<ParameterKind, readonly string[]>>> = {
  stage: ['water_level', 'reservoir_level_upstream', 'reservoir_level_downstream', 'water_depth', 'groundwater_depth', 'gate_opening'],
  discharge: ['river_discharge', 'wastewater_flow', 'meter_hourly_volume', 'water_flow'],
  velocity: ['flow_velocity'],
  rain: ['rainfall', 'rain_current', 'rain_5min', 'rain_10min', 'rain_1h', 'rain_3h', 'rain_6h', 'rain_12h', 'rain_24h'],
  'rain-counter': ['rain_accumulated'],
  'water-temperature': ['water_temperature'],
  ph: ['ph'],
  'dissolved-oxygen': ['dissolved_oxygen'],
  conductivity: ['conductivity'],
  turbidity: ['turbidity'],
  analyser: [
    'ammonia_nitrogen',
    'codmn',
    'cod',
    'bod5',
    'total_phosphorus',
    'total_nitrogen',
    'toc',
    'nitrate_nitrogen',
    'nitrite_nitrogen',
    'orthophosphate_phosphorus',
  ],
  chlorophyll: ['chlorophyll_a', 'cyanobacteria'],
  particles: ['pm2_5', 'pm10', 'tsp'],
  gas: ['so2', 'no2', 'no', 'nox', 'o3'],
  'carbon-monoxide': ['co'],
  weather: ['air_temperature', 'dew_point', 'relative_humidity', 'air_pressure', 'wind_speed', 'wind_direction', 'visibility'],
  power: ['supply_voltage'],
}

const kindOf: ReadonlyMap<string, ParameterKind> = new Map(
  parameterKinds.flatMap((kind) => (keysOf[kind] ?? []).map((key): [string, ParameterKind] => [key, kind])),
)

/** Which defaults a parameter takes; `other` when it is in no group, and for a key that is not in the catalogue. */
export function parameterKind(key: string): ParameterKind {
  return kindOf.get(key) ?? 'other'
}

/** The keys listed under a kind; `other` lists none. */
export function keysOfKind(kind: ParameterKind): readonly string[] {
  return keysOf[kind] ?? []
}
