import type { ParameterKind } from '../../domain/parameter-kinds.ts'
import type { Span } from './gross-range.ts'
import type { RateOfChangeLimits } from './rate-of-change.ts'
import type { SpikeLimits } from './spike.ts'

export interface Spans {
  fail: Span | null
  suspect: Span | null
}

/** What the parameters of one kind are judged by, in their unit; null = the test is off. Engineering defaults, to be tuned per site. */
export interface KindLimits {
  /** null: the catalogue's gross range is the fail span. */
  spans: Spans | null
  spike: SpikeLimits | null
  rateOfChange: RateOfChangeLimits | null
  flatLine: { suspectHours: number; failHours: number; tolerance: number; offAt: number | null } | null
  /** A gap is longer than so many intervals. */
  gapFactor: number
}

const off = { spans: null, spike: null, rateOfChange: null, flatLine: null, gapFactor: 3 } as const satisfies KindLimits
const spans = (fail: Span, suspect: Span): Spans => ({ fail, suspect })
/** Percent limits take the larger of the share and `suspect` / `fail`: small values may double without meaning anything. */
const share = (suspectPercent: number, failPercent: number, suspect: number, fail: number): SpikeLimits => ({
  suspect,
  fail,
  suspectPercent,
  failPercent,
})
const flat = (suspectHours: number, failHours: number, tolerance: number, offAt: number | null = null): KindLimits['flatLine'] => ({
  suspectHours,
  failHours,
  tolerance,
  offAt,
})

export const kindLimits: Readonly<Record<ParameterKind, KindLimits>> = {
  // The bed and the highest mark of a site stand in its own range; the table has no span for all rivers.
  stage: { ...off, spike: { suspect: 0.15, fail: 0.5 }, rateOfChange: { suspect: 0.5, fail: 3 }, flatLine: flat(12, 48, 0.002) },
  // A dry reach rests at 0.
  discharge: { ...off, rateOfChange: share(50, 200, 0.5, 2), flatLine: flat(24, 72, 0.001, 0) },
  velocity: { ...off, flatLine: flat(24, 72, 0.001, 0) },
  rain: off,
  'rain-counter': off,
  'water-temperature': {
    spans: spans([-2, 45], [0, 38]),
    spike: { suspect: 0.5, fail: 2 },
    rateOfChange: { suspect: 1, fail: 4 },
    flatLine: flat(12, 48, 0.01),
    gapFactor: 6,
  },
  ph: {
    spans: spans([0, 14], [5, 9.5]),
    spike: { suspect: 0.3, fail: 1 },
    rateOfChange: { suspect: 0.5, fail: 2 },
    flatLine: flat(12, 48, 0.005),
    gapFactor: 6,
  },
  'dissolved-oxygen': {
    spans: spans([0, 25], [1, 16]),
    spike: { suspect: 1, fail: 3 },
    rateOfChange: { suspect: 2, fail: 6 },
    flatLine: flat(12, 48, 0.01),
    gapFactor: 6,
  },
  conductivity: {
    spans: spans([0, 60_000], [20, 3000]),
    spike: share(10, 30, 5, 15),
    rateOfChange: share(15, 60, 5, 20),
    flatLine: flat(24, 72, 0.5),
    gapFactor: 6,
  },
  // Rain makes turbidity jump and the test does not know of the rain: the rate of change stays off.
  turbidity: {
    spans: spans([0, 4000], [0, 1000]),
    spike: share(50, 200, 5, 20),
    rateOfChange: null,
    flatLine: flat(24, 72, 0.01),
    gapFactor: 6,
  },
  // One result in 1 to 4 h: a flat line means that reagent ran out.
  analyser: { ...off, spike: share(100, 300, 0.05, 0.2), flatLine: flat(24, 72, 1e-6), gapFactor: 2 },
  chlorophyll: { ...off, spike: share(50, 200, 1, 5), flatLine: flat(24, 72, 1e-6), gapFactor: 6 },
  // Air at the detection limit rests at 0.
  particles: { ...off, spike: { suspect: 50, fail: 200 }, rateOfChange: { suspect: 100, fail: 300 }, flatLine: flat(4, 12, 0.1, 0) },
  gas: {
    spans: spans([-10, 1200], [0, 500]),
    spike: { suspect: 50, fail: 150 },
    rateOfChange: { suspect: 100, fail: 300 },
    flatLine: flat(6, 24, 0.1, 0),
    gapFactor: 3,
  },
  'carbon-monoxide': {
    spans: spans([0, 100], [0, 20]),
    spike: { suspect: 2, fail: 10 },
    rateOfChange: { suspect: 5, fail: 20 },
    flatLine: flat(6, 24, 0.001, 0),
    gapFactor: 3,
  },
  weather: off,
  power: off,
  other: off,
}

/** What a parameter has otherwise than its kind. */
export const parameterLimits: ReadonlyMap<string, Partial<KindLimits>> = new Map([
  ['ammonia_nitrogen', { spans: spans([0, 50], [0, 5]) }],
  ['codmn', { spans: spans([0, 100], [0, 30]) }],
  ['total_phosphorus', { spans: spans([0, 5], [0, 1]) }],
  ['total_nitrogen', { spans: spans([0, 100], [0, 15]) }],
  ['chlorophyll_a', { spans: spans([0, 500], [0, 150]) }],
  ['cyanobacteria', { spike: share(50, 200, 1000, 5000) }],
  ['pm2_5', { spans: spans([0, 1000], [0, 500]) }],
  ['pm10', { spans: spans([0, 2000], [0, 800]) }],
  // A gate rests for weeks and then moves at once; groundwater rests.
  ['gate_opening', { spike: null, rateOfChange: null, flatLine: null }],
  ['groundwater_depth', { flatLine: null }],
  // Pumps start and stop.
  ['wastewater_flow', { rateOfChange: null }],
  ['meter_hourly_volume', { rateOfChange: null }],
  ['water_flow', { rateOfChange: null }],
])
