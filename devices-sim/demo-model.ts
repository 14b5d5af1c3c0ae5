import { fields, hills, town } from './world/land.ts'
import type { CatchmentModel, StationFacts } from './world/model.ts'

const facts: Readonly<Record<string, StationFacts>> = {
  longtan: { land: hills(42), rating: { c: 14, h0: 0.2, b: 1.7 } },
  xiyuan: { land: hills(12) },
  qiaotou: { land: fields(20), rating: { c: 16, h0: 0.3, b: 1.7 } },
  baishui: { land: hills(35), rating: { c: 13, h0: 0.2, b: 1.7 } },
  shuangkou: { land: fields(15), rating: { c: 19, h0: 0.3, b: 1.7 } },
  qingxi: { land: fields(28), rating: { c: 20, h0: 0.4, b: 1.7 } },
  dongshan: { takes: { user: 'town', flow: 0.9 } },
  tianhu: {
    land: hills(60),
    reservoir: {
      shape: { factor: 42_000, bottom: 40 },
      normalLevel: 61,
      leastOutflow: 0.9,
      perMetre: 9,
      mostOutlet: 25,
      crest: 63,
      spill: 60,
    },
  },
  'tianhu-dam': { waterOf: 'tianhu' },
  shiqiao: { land: fields(18), rating: { c: 14, h0: 0.3, b: 1.7 } },
  chengguan: { land: town(20), rating: { c: 26, h0: 0.5, b: 1.7 } },
  dongqiao: { land: town(8) },
  zhifang: { outfall: { slips: true, flow: 0.06, cod: 44, ammonia: 2.2, phosphorus: 0.3 } },
  chengnan: { outfall: { slips: true, flow: 0.5, cod: 31, ammonia: 1.7, phosphorus: 0.28 } },
  nanwan: { land: fields(10) },
  'lower-weir': { land: fields(30), rating: { c: 30, h0: 0.5, b: 1.7 } },
  haikou: { land: fields(40), rating: { c: 60, h0: 1.2, b: 1.8 }, tide: [0.5, 0.12] },
  'chengguan-air': { air: 1.3 },
  'gaoxin-air': { air: 1.7 },
  'yunding-air': { air: 0.35 },
}

/** What works on the water and the air of the demo catchment, by station. */
export const demoModel: CatchmentModel = new Map(Object.entries(facts))
