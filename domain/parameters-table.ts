// A table: one line a parameter, wide on purpose.

/** One line of the catalogue, short names; domain/parameters.ts makes a Parameter of it. */
export interface ParameterRow {
  key: string
  en: string
  zh: string
  medium: readonly string[]
  /** UCUM. */
  unit: string
  display: string
  range: readonly [min: number | null, max: number | null]
  step: number | null
  direction: 'two_sided' | 'higher_worse' | 'lower_worse' | 'counter'
  /** HJ 212-2017 annex B code, HJ/T 212-2005 code, unit on the wire; `unverified` = seen in one public source only. */
  hj212: readonly (readonly [string | null, string | null, string | null, 'unverified'?])[]
  /** SL 651-2014 annex C: ASCII name, identifier (hex), number definition. */
  sl651: readonly (readonly [string, string, string])[]
  /** g/mol, for gases. */
  molarMass?: number
}

/**
 * Sources: codes from HJ 212-2017 annex B and SL 651-2014 annex C; ranges are what a sensor can show (engineering judgement, no legal
 * limits), except the scales that are closed by definition (pH, humidity, direction) and the field widths of the wires.
 */
// prettier-ignore
export const parameterRows: readonly ParameterRow[] = [
  // Water quality
  { key: 'ph', en: 'pH', zh: 'pH值', medium: ['water'], unit: '[pH]', display: 'pH', range: [0, 14], step: 0.01, direction: 'two_sided', hj212: [['w01001', '001', '1']], sl651: [['pH', '46', 'N(4,2)']] },
  { key: 'water_temperature', en: 'Water temperature', zh: '水温', medium: ['water', 'hydrology'], unit: 'Cel', display: '°C', range: [-5, 45], step: 0.1, direction: 'two_sided', hj212: [['w01010', null, 'Cel']], sl651: [['C', '03', 'N(3,1)']] },
  { key: 'dissolved_oxygen', en: 'Dissolved oxygen', zh: '溶解氧', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 20], step: 0.01, direction: 'lower_worse', hj212: [['w01009', null, 'mg/L']], sl651: [['DO', '47', 'N(4,1)']] },
  { key: 'dissolved_oxygen_saturation', en: 'Dissolved oxygen saturation', zh: '溶解氧饱和度', medium: ['water'], unit: '%', display: '%', range: [0, 200], step: 0.1, direction: 'two_sided', hj212: [], sl651: [] },
  { key: 'conductivity', en: 'Electrical conductivity (25 °C)', zh: '电导率', medium: ['water'], unit: 'uS/cm', display: 'µS/cm', range: [0, 100_000], step: 1, direction: 'higher_worse', hj212: [['w01014', null, 'uS/cm']], sl651: [['COND', '48', 'N(5)']] },
  { key: 'turbidity', en: 'Turbidity', zh: '浊度', medium: ['water'], unit: '{NTU}', display: 'NTU', range: [0, 4_000], step: 0.1, direction: 'higher_worse', hj212: [['w01003', null, 'NTU']], sl651: [['TURB', '49', 'N(3)']] },
  { key: 'cod', en: 'Chemical oxygen demand (CODCr)', zh: '化学需氧量', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 10_000], step: 0.1, direction: 'higher_worse', hj212: [['w01018', '011', 'mg/L']], sl651: [] },
  { key: 'codmn', en: 'Permanganate index', zh: '高锰酸盐指数', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.1, direction: 'higher_worse', hj212: [['w01019', null, 'mg/L']], sl651: [['CODMN', '4A', 'N(4,1)']] },
  { key: 'bod5', en: 'Biochemical oxygen demand, 5 day', zh: '五日生化需氧量', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 5_000], step: 0.1, direction: 'higher_worse', hj212: [['w01017', '010', 'mg/L']], sl651: [] },
  { key: 'ammonia_nitrogen', en: 'Ammonia nitrogen (as N)', zh: '氨氮', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 300], step: 0.01, direction: 'higher_worse', hj212: [['w21003', '060', 'mg/L']], sl651: [['NH4N', '4C', 'N(6,2)']] },
  { key: 'total_phosphorus', en: 'Total phosphorus (as P)', zh: '总磷', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['w21011', '101', 'mg/L']], sl651: [['TP', '4D', 'N(5,3)']] },
  { key: 'total_nitrogen', en: 'Total nitrogen (as N)', zh: '总氮', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 300], step: 0.01, direction: 'higher_worse', hj212: [['w21001', '065', 'mg/L']], sl651: [['TN', '4E', 'N(5,2)']] },
  { key: 'toc', en: 'Total organic carbon', zh: '总有机碳', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['w01020', '015', 'mg/L']], sl651: [['TOC', '4F', 'N(4,2)']] },
  { key: 'nitrate_nitrogen', en: 'Nitrate (as N)', zh: '硝酸盐氮', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.01, direction: 'higher_worse', hj212: [['w21007', '064', 'mg/L']], sl651: [] },
  { key: 'nitrite_nitrogen', en: 'Nitrite (as N)', zh: '亚硝酸盐氮', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.001, direction: 'higher_worse', hj212: [['w21006', '063', 'mg/L']], sl651: [] },
  { key: 'suspended_solids', en: 'Suspended solids', zh: '悬浮物', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50_000], step: 1, direction: 'higher_worse', hj212: [['w01012', '003', 'mg/L']], sl651: [] },
  { key: 'total_dissolved_solids', en: 'Total dissolved solids', zh: '溶解性总固体', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100_000], step: 1, direction: 'higher_worse', hj212: [['w01006', null, 'mg/L']], sl651: [] },
  { key: 'colour', en: 'Colour', zh: '色度', medium: ['water'], unit: '{Pt-Co}', display: 'degree', range: [0, 500], step: 1, direction: 'higher_worse', hj212: [['w01002', '002', 'colour degree']], sl651: [] },
  { key: 'orp', en: 'Oxidation-reduction potential', zh: '氧化还原电位', medium: ['water'], unit: 'mV', display: 'mV', range: [-1_500, 1_500], step: 0.1, direction: 'two_sided', hj212: [], sl651: [['REDOX', '4B', 'N(5,1)']] },
  { key: 'chlorophyll_a', en: 'Chlorophyll-a', zh: '叶绿素a', medium: ['water'], unit: 'ug/L', display: 'µg/L', range: [0, 500], step: 0.1, direction: 'higher_worse', hj212: [['w01016', null, 'mg/L', 'unverified']], sl651: [['CHLA', '57', 'N(4,2)']] },
  { key: 'cyanobacteria', en: 'Blue-green algae density', zh: '蓝绿藻', medium: ['water'], unit: '{cells}/mL', display: 'cells/mL', range: [0, 2_000_000], step: 1, direction: 'higher_worse', hj212: [], sl651: [] },
  { key: 'transparency', en: 'Secchi depth', zh: '透明度', medium: ['water'], unit: 'm', display: 'm', range: [0, 60], step: 0.01, direction: 'lower_worse', hj212: [], sl651: [] },
  { key: 'salinity', en: 'Practical salinity', zh: '盐度', medium: ['water'], unit: '1', display: 'PSU', range: [0, 45], step: 0.01, direction: 'two_sided', hj212: [], sl651: [] },
  { key: 'residual_chlorine', en: 'Free residual chlorine', zh: '余氯', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 20], step: 0.01, direction: 'two_sided', hj212: [], sl651: [] },
  { key: 'fluoride', en: 'Fluoride', zh: '氟化物', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['w21017', '072', 'mg/L']], sl651: [] },
  { key: 'chloride', en: 'Chloride', zh: '氯化物', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 30_000], step: 0.1, direction: 'higher_worse', hj212: [['w21022', '090', 'mg/L']], sl651: [] },
  { key: 'sulfate', en: 'Sulfate', zh: '硫酸盐', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 20_000], step: 1, direction: 'higher_worse', hj212: [['w21038', null, 'mg/L']], sl651: [] },
  { key: 'sulfide', en: 'Sulfide', zh: '硫化物', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['w21019', '071', 'mg/L']], sl651: [] },
  { key: 'cyanide', en: 'Cyanide', zh: '氰化物', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.001, direction: 'higher_worse', hj212: [['w21016', '070', 'mg/L']], sl651: [] },
  { key: 'volatile_phenol', en: 'Volatile phenol', zh: '挥发酚', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.0001, direction: 'higher_worse', hj212: [['w23002', '110', 'mg/L']], sl651: [] },
  { key: 'petroleum', en: 'Petroleum (oil)', zh: '石油类', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['w22001', '080', 'mg/L']], sl651: [] },
  { key: 'las', en: 'Anionic surfactants (LAS)', zh: '阴离子表面活性剂', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.01, direction: 'higher_worse', hj212: [['w19002', '520', 'mg/L']], sl651: [] },
  { key: 'faecal_coliforms', en: 'Faecal coliforms', zh: '粪大肠菌群', medium: ['water'], unit: '{count}/L', display: 'count/L', range: [0, 1_000_000_000], step: 1, direction: 'higher_worse', hj212: [['w02003', '550', 'count/L']], sl651: [] },
  { key: 'mercury', en: 'Mercury, total', zh: '总汞', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 1], step: 0.00001, direction: 'higher_worse', hj212: [['w20111', '020', 'ug/L'], ['w20142', null, 'ug/L']], sl651: [['THG', '54', 'N(7,5)']] },
  { key: 'cadmium', en: 'Cadmium', zh: '总镉', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 10], step: 0.00001, direction: 'higher_worse', hj212: [['w20115', '022', 'ug/L'], ['w20143', null, 'ug/L']], sl651: [['CD', '55', 'N(7,5)']] },
  { key: 'chromium_total', en: 'Chromium, total', zh: '总铬', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['w20116', '023', 'mg/L']], sl651: [] },
  { key: 'chromium_vi', en: 'Chromium (VI)', zh: '六价铬', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.001, direction: 'higher_worse', hj212: [['w20117', '024', 'ug/L']], sl651: [] },
  { key: 'arsenic', en: 'Arsenic', zh: '总砷', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.00001, direction: 'higher_worse', hj212: [['w20119', '026', 'ug/L'], ['w20141', null, 'mg/L']], sl651: [['AS', '53', 'N(7,5)']] },
  { key: 'lead', en: 'Lead', zh: '总铅', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.00001, direction: 'higher_worse', hj212: [['w20120', '027', 'ug/L'], ['w20144', null, 'mg/L']], sl651: [['PB', '56', 'N(7,5)']] },
  { key: 'copper', en: 'Copper', zh: '总铜', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.0001, direction: 'higher_worse', hj212: [['w20122', '029', 'mg/L'], ['w20138', null, 'mg/L']], sl651: [['CU', '50', 'N(7,4)']] },
  { key: 'zinc', en: 'Zinc', zh: '总锌', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.0001, direction: 'higher_worse', hj212: [['w20123', '030', 'mg/L'], ['w20139', null, 'mg/L']], sl651: [['ZN', '51', 'N(6,4)']] },
  { key: 'nickel', en: 'Nickel', zh: '总镍', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['w20121', '028', 'mg/L']], sl651: [] },
  { key: 'selenium', en: 'Selenium', zh: '总硒', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 10], step: 0.00001, direction: 'higher_worse', hj212: [['w20128', '035', 'ug/L'], ['w20140', null, 'mg/L']], sl651: [['SE', '52', 'N(7,5)']] },
  { key: 'iron', en: 'Iron', zh: '总铁', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 200], step: 0.001, direction: 'higher_worse', hj212: [['w20125', '032', 'mg/L']], sl651: [] },
  { key: 'manganese', en: 'Manganese', zh: '总锰', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['w20124', '031', 'mg/L']], sl651: [] },
  { key: 'gross_alpha', en: 'Gross alpha activity', zh: '总α放射性', medium: ['water', 'radiation'], unit: 'Bq/L', display: 'Bq/L', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['w03001', '570', 'Bq/L']], sl651: [] },
  { key: 'gross_beta', en: 'Gross beta activity', zh: '总β放射性', medium: ['water', 'radiation'], unit: 'Bq/L', display: 'Bq/L', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['w03002', '571', 'Bq/L']], sl651: [] },
  { key: 'biotoxicity', en: 'Acute bio-toxicity (luminescent bacteria inhibition)', zh: '生物毒性', medium: ['water'], unit: '%', display: '%', range: [-100, 100], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [] },
  { key: 'sac254', en: 'Spectral absorption coefficient 254 nm', zh: '254 nm 吸光系数', medium: ['water'], unit: '1/m', display: '1/m', range: [0, 500], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [] },
  { key: 'chlorine_dioxide', en: 'Chlorine dioxide', zh: '二氧化氯', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 10], step: 0.01, direction: 'two_sided', hj212: [], sl651: [] },
  { key: 'orthophosphate_phosphorus', en: 'Orthophosphate as P', zh: '正磷酸盐(以P计)', medium: ['water'], unit: 'mg/L', display: 'mg/L', range: [0, 50], step: 0.001, direction: 'higher_worse', hj212: [], sl651: [] },
  // Hydrology, flow and rain
  { key: 'wastewater_flow', en: 'Wastewater flow', zh: '污水流量', medium: ['flow'], unit: 'L/s', display: 'L/s', range: [0, 100_000], step: 0.01, direction: 'two_sided', hj212: [['w00000', 'B01', 'L/s']], sl651: [] },
  { key: 'river_discharge', en: 'River discharge', zh: '瞬时流量', medium: ['hydrology', 'flow'], unit: 'm3/s', display: 'm³/s', range: [-5_000, 120_000], step: 0.001, direction: 'two_sided', hj212: [], sl651: [['Q', '27', 'N(9,3)'], ['QA', '30', 'N(9,3)']] },
  { key: 'water_level', en: 'River stage / tide level', zh: '瞬时河道水位、潮位', medium: ['hydrology'], unit: 'm', display: 'm', range: [-20, 6_000], step: 0.001, direction: 'two_sided', hj212: [], sl651: [['Z', '39', 'N(7,3)']] },
  { key: 'reservoir_level_upstream', en: 'Reservoir/lock upstream level', zh: '库(闸、站)上水位', medium: ['hydrology'], unit: 'm', display: 'm', range: [-20, 6_000], step: 0.001, direction: 'two_sided', hj212: [], sl651: [['ZU', '3B', 'N(7,3)']] },
  { key: 'reservoir_level_downstream', en: 'Reservoir/lock downstream level', zh: '库(闸、站)下水位', medium: ['hydrology'], unit: 'm', display: 'm', range: [-20, 6_000], step: 0.001, direction: 'two_sided', hj212: [], sl651: [['ZB', '3A', 'N(7,3)']] },
  { key: 'water_depth', en: 'Water depth over sensor', zh: '水深', medium: ['hydrology'], unit: 'm', display: 'm', range: [0, 200], step: 0.001, direction: 'two_sided', hj212: [], sl651: [] },
  { key: 'groundwater_depth', en: 'Depth to groundwater', zh: '地下水瞬时埋深', medium: ['hydrology'], unit: 'm', display: 'm', range: [-5, 1_000], step: 0.01, direction: 'two_sided', hj212: [], sl651: [['H', '0E', 'N(6,2)']] },
  { key: 'flow_velocity', en: 'Flow velocity, instantaneous', zh: '当前瞬时流速', medium: ['hydrology', 'flow'], unit: 'm/s', display: 'm/s', range: [-10, 15], step: 0.001, direction: 'two_sided', hj212: [], sl651: [['VJ', '37', 'N(5,3)'], ['VA', '36', 'N(5,3)']] },
  { key: 'sediment_concentration', en: 'Sediment concentration', zh: '含沙量', medium: ['hydrology'], unit: 'kg/m3', display: 'kg/m³', range: [0, 1_000], step: 0.001, direction: 'higher_worse', hj212: [], sl651: [['SQ', '44', 'N(9,3)']] },
  { key: 'gate_opening', en: 'Gate opening height', zh: '闸门开启高度', medium: ['hydrology'], unit: 'm', display: 'm', range: [0, 50], step: 0.01, direction: 'two_sided', hj212: [], sl651: [['GH', '09', 'N(5,2)']] },
  { key: 'water_pressure', en: 'Pipe water pressure', zh: '水压', medium: ['flow'], unit: 'kPa', display: 'kPa', range: [0, 5_000], step: 0.01, direction: 'two_sided', hj212: [], sl651: [['WP1', '58', 'N(5,2)']] },
  { key: 'meter_hourly_volume', en: 'Meter volume per hour', zh: '水表每小时水量', medium: ['flow'], unit: 'm3/h', display: 'm³/h', range: [0, 1_000_000], step: 0.01, direction: 'two_sided', hj212: [], sl651: [['SBL1', '68', 'N(10,2)']] },
  { key: 'evaporation_daily', en: 'Daily evaporation', zh: '日蒸发量', medium: ['hydrology', 'meteorology'], unit: 'mm', display: 'mm', range: [0, 50], step: 0.1, direction: 'two_sided', hj212: [], sl651: [['ED', '06', 'N(5,1)'], ['EJ', '07', 'N(5,1)']] },
  { key: 'rain_current', en: 'Rainfall, current (since day start)', zh: '当前降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 2_000], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['PJ', '20', 'N(5,1)']] },
  { key: 'rain_accumulated', en: 'Rainfall, accumulated counter', zh: '降水量累计值', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 99999.9], step: 0.1, direction: 'counter', hj212: [], sl651: [['PT', '26', 'N(6,1)']] },
  { key: 'rain_5min', en: 'Rainfall, 5 min', zh: '5分钟时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 60], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['PN05', '22', 'N(5,1)']] },
  { key: 'rain_10min', en: 'Rainfall, 10 min', zh: '10分钟时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 100], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['PN10', '23', 'N(5,1)']] },
  { key: 'rain_1h', en: 'Rainfall, 1 h', zh: '1小时时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 305], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['P1', '1A', 'N(5,1)']] },
  { key: 'rain_3h', en: 'Rainfall, 3 h', zh: '3小时时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 700], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['P3', '1C', 'N(5,1)']] },
  { key: 'rain_6h', en: 'Rainfall, 6 h', zh: '6小时时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 900], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['P6', '1D', 'N(5,1)']] },
  { key: 'rain_12h', en: 'Rainfall, 12 h', zh: '12小时时段降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 1_200], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['P12', '1E', 'N(5,1)']] },
  { key: 'rain_24h', en: 'Rainfall, day', zh: '日降水量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 1_825], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [['PD', '1F', 'N(5,1)']] },
  { key: 'rainfall', en: 'Rainfall in the reporting interval', zh: '时段降雨量', medium: ['rain'], unit: 'mm', display: 'mm', range: [0, 305], step: 0.1, direction: 'higher_worse', hj212: [], sl651: [] },
  { key: 'water_flow', en: 'Flow in a pipe', zh: '管道流量', medium: ['flow'], unit: 'm3/h', display: 'm³/h', range: [0, 1_000_000], step: 0.01, direction: 'two_sided', hj212: [], sl651: [] },
  // Air and flue gas
  { key: 'pm2_5', en: 'PM2.5', zh: '细颗粒物', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 2_000], step: 1, direction: 'higher_worse', hj212: [['a34004', null, 'ng/m3']], sl651: [] },
  { key: 'pm10', en: 'PM10', zh: '可吸入颗粒物', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 10_000], step: 1, direction: 'higher_worse', hj212: [['a34002', null, 'ng/m3']], sl651: [] },
  { key: 'tsp', en: 'Total suspended particles', zh: '总悬浮颗粒物', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 20_000], step: 1, direction: 'higher_worse', hj212: [['a34001', null, 'ng/m3']], sl651: [] },
  { key: 'so2', en: 'Sulfur dioxide', zh: '二氧化硫', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 3_000], step: 1, direction: 'higher_worse', hj212: [['a21026', '02', 'mg/m3']], sl651: [], molarMass: 64.066 },
  { key: 'no2', en: 'Nitrogen dioxide', zh: '二氧化氮', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 4_000], step: 1, direction: 'higher_worse', hj212: [['a21004', null, 'mg/m3']], sl651: [], molarMass: 46.006 },
  { key: 'no', en: 'Nitric oxide', zh: '一氧化氮', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 4_000], step: 1, direction: 'higher_worse', hj212: [['a21003', null, 'mg/m3']], sl651: [], molarMass: 30.006 },
  { key: 'nox', en: 'Nitrogen oxides (as NO2)', zh: '氮氧化物', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 6_000], step: 1, direction: 'higher_worse', hj212: [['a21002', '03', 'mg/m3']], sl651: [], molarMass: 46.006 },
  { key: 'o3', en: 'Ozone', zh: '臭氧', medium: ['air'], unit: 'ug/m3', display: 'µg/m³', range: [0, 1_500], step: 1, direction: 'higher_worse', hj212: [['a05024', null, 'mg/m3']], sl651: [], molarMass: 47.998 },
  { key: 'co', en: 'Carbon monoxide', zh: '一氧化碳', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 150], step: 0.1, direction: 'higher_worse', hj212: [['a21005', '04', 'mg/m3']], sl651: [], molarMass: 28.01 },
  { key: 'nmhc', en: 'Non-methane hydrocarbons', zh: '非甲烷总烃', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 10_000], step: 0.01, direction: 'higher_worse', hj212: [['a24088', null, 'mg/m3']], sl651: [] },
  { key: 'h2s', en: 'Hydrogen sulfide', zh: '硫化氢', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['a21028', '05', 'mg/m3']], sl651: [], molarMass: 34.081 },
  { key: 'nh3', en: 'Ammonia', zh: '氨', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 500], step: 0.01, direction: 'higher_worse', hj212: [['a21001', '10', 'ng/m3']], sl651: [], molarMass: 17.031 },
  { key: 'benzene', en: 'Benzene', zh: '苯', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 100], step: 0.001, direction: 'higher_worse', hj212: [['a25002', null, 'mg/m3']], sl651: [], molarMass: 78.114 },
  { key: 'co2', en: 'Carbon dioxide', zh: '二氧化碳', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 100_000], step: 1, direction: 'higher_worse', hj212: [['a05001', '30', 'mg/m3']], sl651: [], molarMass: 44.01 },
  { key: 'tvoc', en: 'Total VOC', zh: '总挥发性有机物', medium: ['air'], unit: 'mg/m3', display: 'mg/m³', range: [0, 1_000], step: 0.01, direction: 'higher_worse', hj212: [['a99054', null, 'mg/m3', 'unverified']], sl651: [] },
  { key: 'flue_soot', en: 'Particulates in flue gas', zh: '烟尘(颗粒物)', medium: ['air', 'flow'], unit: 'mg/m3', display: 'mg/m³', range: [0, 50_000], step: 0.1, direction: 'higher_worse', hj212: [['a34013', '01', 'mg/m3']], sl651: [] },
  { key: 'flue_oxygen', en: 'Oxygen in flue gas', zh: '氧气含量', medium: ['air'], unit: '%', display: '%', range: [0, 25], step: 0.1, direction: 'two_sided', hj212: [['a19001', 'S01', '%']], sl651: [] },
  { key: 'flue_velocity', en: 'Flue gas velocity', zh: '烟气流速', medium: ['air', 'flow'], unit: 'm/s', display: 'm/s', range: [0, 60], step: 0.01, direction: 'two_sided', hj212: [['a01011', 'S02', 'm/s']], sl651: [] },
  { key: 'flue_temperature', en: 'Flue gas temperature', zh: '烟气温度', medium: ['air'], unit: 'Cel', display: '°C', range: [-20, 1_500], step: 0.1, direction: 'two_sided', hj212: [['a01012', 'S03', 'Cel']], sl651: [] },
  { key: 'flue_pressure', en: 'Flue gas pressure', zh: '烟气压力', medium: ['air'], unit: 'kPa', display: 'kPa', range: [-50, 50], step: 0.001, direction: 'two_sided', hj212: [['a01013', 'S08', 'kPa']], sl651: [] },
  { key: 'flue_humidity', en: 'Flue gas humidity', zh: '烟气湿度', medium: ['air'], unit: '%', display: '%', range: [0, 100], step: 0.1, direction: 'two_sided', hj212: [['a01014', 'S05', '%']], sl651: [] },
  { key: 'flue_gas_flow', en: 'Waste gas flow', zh: '废气流量', medium: ['air', 'flow'], unit: 'm3/s', display: 'm³/s', range: [0, 5_000], step: 0.1, direction: 'two_sided', hj212: [['a00000', 'B02', 'm3/s']], sl651: [] },
  // Weather, noise, soil, radiation and the device itself
  { key: 'air_temperature', en: 'Air temperature', zh: '气温', medium: ['meteorology'], unit: 'Cel', display: '°C', range: [-60, 60], step: 0.1, direction: 'two_sided', hj212: [['a01001', null, 'Cel']], sl651: [['AI', '02', 'N(3,1)']] },
  { key: 'relative_humidity', en: 'Relative humidity', zh: '相对湿度', medium: ['meteorology'], unit: '%', display: '%RH', range: [0, 100], step: 0.1, direction: 'two_sided', hj212: [['a01002', null, '%']], sl651: [['MST', '18', 'N(4,1)']] },
  { key: 'air_pressure', en: 'Air pressure', zh: '气压', medium: ['meteorology'], unit: 'hPa', display: 'hPa', range: [450, 1_100], step: 0.1, direction: 'two_sided', hj212: [['a01006', null, 'kPa']], sl651: [['FL', '08', 'N(5)']] },
  { key: 'wind_speed', en: 'Wind speed', zh: '风速', medium: ['meteorology'], unit: 'm/s', display: 'm/s', range: [0, 75], step: 0.1, direction: 'two_sided', hj212: [['a01007', null, 'm/s']], sl651: [['US', '35', 'N(4,1)']] },
  { key: 'wind_direction', en: 'Wind direction', zh: '风向', medium: ['meteorology'], unit: 'deg', display: '°', range: [0, 360], step: 1, direction: 'two_sided', hj212: [['a01008', null, 'deg']], sl651: [['UC', '33', 'N(2)']] },
  { key: 'wind_force', en: 'Wind force (Beaufort)', zh: '风力', medium: ['meteorology'], unit: '{Beaufort}', display: 'level', range: [0, 17], step: 1, direction: 'higher_worse', hj212: [], sl651: [['UE', '34', 'N(2)']] },
  { key: 'visibility', en: 'Visibility', zh: '能见度', medium: ['meteorology'], unit: 'm', display: 'm', range: [0, 50_000], step: 1, direction: 'lower_worse', hj212: [], sl651: [] },
  { key: 'noise_la', en: 'A-weighted sound level', zh: '瞬时A声级', medium: ['noise'], unit: 'dB[SPL]', display: 'dB(A)', range: [20, 140], step: 0.1, direction: 'higher_worse', hj212: [['LA-Rtd', null, 'dB']], sl651: [] },
  { key: 'noise_leq', en: 'Equivalent sound level', zh: '等效声级', medium: ['noise'], unit: 'dB[SPL]', display: 'dB(A)', range: [20, 140], step: 0.1, direction: 'higher_worse', hj212: [['Leq-Data', null, 'dB']], sl651: [] },
  { key: 'soil_moisture_10cm', en: 'Soil moisture 10 cm', zh: '10厘米处土壤含水量', medium: ['soil'], unit: '%', display: '%', range: [0, 100], step: 0.1, direction: 'two_sided', hj212: [], sl651: [['M10', '10', 'N(4,1)']] },
  { key: 'soil_temperature', en: 'Soil (ground) temperature', zh: '地温', medium: ['soil'], unit: 'Cel', display: '°C', range: [-50, 80], step: 0.1, direction: 'two_sided', hj212: [], sl651: [['GTP', '0D', 'N(3,1)']] },
  { key: 'gamma_dose_rate', en: 'Ambient gamma dose rate', zh: '环境γ辐射剂量率', medium: ['radiation'], unit: 'nGy/h', display: 'nGy/h', range: [10, 100_000_000], step: 1, direction: 'higher_worse', hj212: [], sl651: [] },
  { key: 'supply_voltage', en: 'Supply voltage', zh: '电源电压', medium: ['device'], unit: 'V', display: 'V', range: [0, 99.99], step: 0.01, direction: 'lower_worse', hj212: [], sl651: [['VT', '38', 'N(4,2)']] },
  { key: 'station_status', en: 'RTU status bits', zh: '遥测站状态及报警信息', medium: ['device'], unit: '1', display: 'bits', range: [0, 4_294_967_295], step: 1, direction: 'two_sided', hj212: [], sl651: [['ZT', '45', '4 bytes HEX, table 58']] },
  { key: 'dew_point', en: 'Dew point', zh: '露点', medium: ['meteorology'], unit: 'Cel', display: '°C', range: [-80, 40], step: 0.1, direction: 'two_sided', hj212: [], sl651: [] },
]
