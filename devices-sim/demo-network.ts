import type { NetworkFile, RuleFile } from '../domain/network-schema.ts'
import type { Frame } from '../gateways/sl651/frame.ts'
import type { Edition } from '../gateways/hj212/frame.ts'

type StationFile = NetworkFile['stations'][number]
type SensorFile = StationFile['sensors'][number]

/** The history of the first start is days old when it arrives; it is judged all the same. */
const lateness = '60d'
const sensor = (parameter: string, every: string, more: Partial<SensorFile> = {}): SensorFile => ({ parameter, every, lateness, ...more })

const rain = (): SensorFile => sensor('rainfall', '5m')
const river = (warning: number, guarantee: number, record: number): SensorFile[] => [
  sensor('water_level', '1m', { stages: { warning, guarantee, record }, range: { fail: [-1, record + 3] } }),
  sensor('river_discharge', '1m'),
]
const sonde = (): SensorFile[] =>
  ['water_temperature', 'ph', 'dissolved_oxygen', 'conductivity', 'turbidity'].map((key) => sensor(key, '5m'))
const analysers = (): SensorFile[] => ['ammonia_nitrogen', 'codmn', 'total_phosphorus', 'total_nitrogen'].map((key) => sensor(key, '1h'))
const gases = (): SensorFile[] => ['pm2_5', 'pm10', 'no2', 'so2', 'o3', 'co'].map((key) => sensor(key, '5m'))

const station = (
  id: string,
  [en, zh]: readonly [string, string],
  kind: StationFile['kind'],
  [lon, lat]: readonly [number, number],
  sensors: SensorFile[],
  more: Partial<StationFile> = {},
): StationFile => ({ id, name: { en, zh }, kind, location: { lon, lat }, ...more, sensors })

const to = (downstream: string, travelTime: string, length: string) => ({ reach: { downstream, travelTime, length } })

const stations: StationFile[] = [
  station('yunding', ['Cloud Peak', '云顶'], 'rain', [121.13, 28.86], [rain()]),
  station('shimen', ['Stone Gate', '石门'], 'rain', [121.36, 28.93], [rain()]),
  station('zhuling', ['Bamboo Ridge', '竹岭'], 'rain', [121.29, 28.74], [rain()]),
  station('hongyan', ['Red Rock', '红岩'], 'rain', [121.24, 28.56], [rain()]),
  station('meiwan', ['Plum Bay', '梅湾'], 'rain', [121.55, 28.64], [rain()]),

  station('longtan', ['Dragon Pool', '龙潭'], 'river', [121.18, 28.84], river(1.7, 2.6, 3.6), to('xiyuan', '1h30m', '11 km')),
  station('xiyuan', ['Spring Intake', '溪源水源地'], 'water-source', [121.23, 28.8], [...sonde(), ...analysers()], {
    ...to('qiaotou', '1h', '7 km'),
    targetClass: 'II',
    zone: { name: { en: 'Spring Intake source protection', zh: '溪源饮用水源保护区' }, targetClass: 'II' },
  }),
  station('qiaotou', ['Bridge Head', '桥头'], 'river', [121.28, 28.78], river(2.5, 3.4, 4.4), to('shuangkou', '1h', '6 km')),
  station('baishui', ['White Water', '白水'], 'river', [121.37, 28.87], river(2.1, 2.9, 3.7), to('shuangkou', '1h30m', '9 km')),
  station('shuangkou', ['Two Mouths', '双口'], 'river', [121.34, 28.77], river(3.2, 4.2, 5.3), to('qingxi', '2h', '12 km')),
  station('qingxi', ['Qingxi', '清溪'], 'river', [121.42, 28.73], river(3.6, 4.5, 5.4), {
    ...to('dongshan', '1h', '6 km'),
    targetClass: 'III',
  }),
  station('dongshan', ['East Hill Waterworks', '东山水厂取水口'], 'abstraction', [121.46, 28.71], [sensor('water_flow', '5m')], {
    ...to('chengguan', '1h', '5 km'),
    permit: { amount: 32_000_000, unit: 'm3' },
  }),
  station('tianhu-dam', ['Lake Tian, at the dam', '天湖坝前'], 'lake', [121.29, 28.61], [...sonde(), sensor('chlorophyll_a', '15m')], {
    targetClass: 'II',
  }),
  station(
    'tianhu',
    ['Lake Tian Reservoir', '天湖水库'],
    'reservoir',
    [121.3, 28.615],
    [
      sensor('reservoir_level_upstream', '5m', { stages: { 'flood-limit': 62.5, design: 63, check: 63.6 }, range: { fail: [40, 70] } }),
      sensor('river_discharge', '5m'),
    ],
    to('shiqiao', '1h', '6 km'),
  ),
  station('shiqiao', ['Stone Bridge', '石桥'], 'river', [121.38, 28.64], river(1.8, 2.3, 2.9), to('chengguan', '1h30m', '8 km')),
  station('chengguan', ['Town Gate', '城关'], 'river', [121.48, 28.68], river(3.5, 4.3, 5), to('dongqiao', '1h', '5 km')),
  station('dongqiao', ['East Bridge', '东桥断面'], 'river', [121.52, 28.67], [...sonde(), ...analysers()], {
    ...to('nanwan', '1h', '5 km'),
    targetClass: 'III',
  }),
  station(
    'chengnan',
    ['South Town Treatment Works', '城南污水处理厂'],
    'outfall',
    [121.53, 28.655],
    [
      sensor('wastewater_flow', '5m'),
      sensor('cod', '30m'),
      sensor('cod', '1h', { number: 2, statistic: 'mean' }),
      // The usual range is that of rivers; this is sewage.
      sensor('ammonia_nitrogen', '30m', { range: { fail: [0, 100], suspect: [0, 60] } }),
      sensor('total_phosphorus', '30m', { range: { fail: [0, 20], suspect: [0, 8] } }),
      sensor('ph', '5m'),
    ],
    { ...to('nanwan', '30m', '2 km'), permit: { parameter: 'cod', amount: 520_000, unit: 'kg' } },
  ),
  station(
    'zhifang',
    ['Paper Mill Outfall', '造纸厂排口'],
    'outfall',
    [121.545, 28.65],
    [
      sensor('wastewater_flow', '5m'),
      sensor('cod', '30m'),
      sensor('ammonia_nitrogen', '30m', { range: { fail: [0, 100], suspect: [0, 60] } }),
      sensor('ph', '5m'),
      sensor('water_temperature', '5m'),
    ],
    { ...to('nanwan', '30m', '2 km'), permit: { parameter: 'cod', amount: 95_000, unit: 'kg' } },
  ),
  station('nanwan', ['South Bend', '南湾断面'], 'river', [121.56, 28.66], [...sonde(), ...analysers()], {
    ...to('lower-weir', '1h30m', '7 km'),
    targetClass: 'III',
    zone: { name: { en: 'South Bend fishery', zh: '南湾渔业用水区' }, targetClass: 'III' },
  }),
  station('lower-weir', ['Lower Weir', '下游堰'], 'river', [121.62, 28.66], river(3.5, 4.1, 4.7), to('haikou', '3h', '14 km')),
  station(
    'haikou',
    ['River Mouth', '海口'],
    'river',
    [121.73, 28.67],
    [sensor('water_level', '1m', { stages: { warning: 3.3, guarantee: 3.8, record: 4.3 }, range: { fail: [-2, 8] } })],
  ),

  station(
    'chengguan-air',
    ['Town Centre air', '城关空气站'],
    'air',
    [121.49, 28.69],
    [...gases(), sensor('air_temperature', '5m'), sensor('relative_humidity', '5m')],
  ),
  station('gaoxin-air', ['Technology Park air', '高新区空气站'], 'air', [121.57, 28.7], gases()),
  station(
    'reneng',
    ['Heating Plant Stack', '热能站烟囱'],
    'air',
    [121.51, 28.705],
    ['flue_soot', 'flue_oxygen', 'flue_temperature', 'flue_velocity', 'flue_humidity', 'flue_gas_flow'].map((key) => sensor(key, '5m')),
  ),
  station(
    'yunding-air',
    ['Cloud Peak air, background', '云顶背景站'],
    'air',
    [121.125, 28.87],
    [...gases(), sensor('air_temperature', '5m'), sensor('relative_humidity', '5m')],
  ),
]

/** One device serves one station or several that stand near each other. */
const devices: NonNullable<NetworkFile['devices']> = [
  { id: 'rain-north', stations: ['yunding', 'shimen'] },
  { id: 'rain-south', stations: ['zhuling', 'hongyan', 'meiwan'] },
  { id: 'rtu-longtan', stations: ['longtan'] },
  { id: 'rtu-qiaotou', protocol: 'sl651', stations: ['qiaotou'], sl651: { address: '0012345601', periodQuery: 'definition' } },
  { id: 'rtu-baishui', stations: ['baishui'] },
  { id: 'rtu-shuangkou', stations: ['shuangkou'] },
  { id: 'rtu-0017', stations: ['qingxi'], channels: { ch1: 'qingxi/water_level', ch2: 'qingxi/river_discharge' } },
  { id: 'rtu-tianhu', stations: ['tianhu', 'tianhu-dam'] },
  { id: 'rtu-shiqiao', protocol: 'sl651', stations: ['shiqiao'], sl651: { address: '0012345602', periodQuery: 'definition' } },
  { id: 'rtu-chengguan', stations: ['chengguan'] },
  { id: 'rtu-lower-weir', protocol: 'sl651', stations: ['lower-weir'], sl651: { address: '0012345603', stayOnline: true } },
  { id: 'rtu-haikou', stations: ['haikou'] },
  { id: 'meter-dongshan', stations: ['dongshan'] },
  { id: 'wq-xiyuan', stations: ['xiyuan'] },
  { id: 'wq-dongqiao', stations: ['dongqiao'] },
  { id: 'wq-nanwan', stations: ['nanwan'] },
  { id: 'logger-chengnan', protocol: 'hj212', stations: ['chengnan'], hj212: { mn: '010000A8900016F0016DC0C1' } },
  { id: 'logger-zhifang', protocol: 'hj212', stations: ['zhifang'], hj212: { mn: '88888880000032' } },
  { id: 'cems-reneng', protocol: 'hj212', stations: ['reneng'], hj212: { mn: '8D1F5A0C9E3347B2A6F00031' } },
  { id: 'air-town', stations: ['chengguan-air', 'gaoxin-air'] },
  { id: 'air-yunding', stations: ['yunding-air'] },
]

const quality = ['xiyuan', 'dongqiao', 'nanwan', 'tianhu-dam']
const rules: RuleFile[] = [
  {
    id: 'level-high',
    kind: 'threshold',
    parameter: 'water_level',
    levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
    hold: '10m',
    deadband: 0.05,
    clearAfter: '30m',
  },
  {
    id: 'reservoir-high',
    kind: 'threshold',
    parameter: 'reservoir_level_upstream',
    levels: { yellow: 'stage.flood-limit', orange: 'stage.design', red: 'stage.check' },
    hold: '30m',
    deadband: 0.05,
    clearAfter: '2h',
  },
  {
    id: 'rising-fast',
    kind: 'rate-of-rise',
    parameter: 'water_level',
    stations: ['longtan', 'qiaotou', 'baishui', 'shuangkou', 'qingxi', 'shiqiao', 'chengguan', 'lower-weir'],
    levels: { blue: 0.4, yellow: 0.8, orange: 1.5 },
    window: '30m',
  },
  { id: 'rain-1h', kind: 'rain-accumulation', parameter: 'rainfall', hours: 1, levels: { blue: 20, yellow: 30, orange: 50, red: 80 } },
  { id: 'rain-6h', kind: 'rain-accumulation', parameter: 'rainfall', hours: 6, levels: { yellow: 50, orange: 80, red: 120 } },
  { id: 'gauge-silent', kind: 'silence', parameter: 'water_level', after: '20m', level: 'blue' },
  { id: 'rain-silent', kind: 'silence', parameter: 'rainfall', after: '1h', level: 'blue' },
  {
    id: 'ammonia-high',
    kind: 'threshold',
    parameter: 'ammonia_nitrogen',
    stations: ['xiyuan', 'dongqiao', 'nanwan'],
    levels: { yellow: 1, orange: 1.5, red: 2 },
    inclusive: false,
    onCount: 1,
    deadband: 0.05,
    offCount: 2,
  },
  {
    id: 'effluent-cod',
    kind: 'threshold',
    parameter: 'cod',
    stations: ['chengnan'],
    levels: { yellow: 50, orange: 75, red: 100 },
    inclusive: false,
    onCount: 1,
    deadband: 2,
    offCount: 2,
  },
  {
    id: 'effluent-ammonia',
    kind: 'threshold',
    parameter: 'ammonia_nitrogen',
    stations: ['chengnan'],
    levels: { yellow: 5, orange: 8 },
    inclusive: false,
    onCount: 1,
    deadband: 0.5,
    offCount: 2,
  },
  {
    id: 'oxygen-low',
    kind: 'threshold',
    parameter: 'dissolved_oxygen',
    stations: quality,
    direction: 'down',
    levels: { yellow: 5, orange: 3, red: 2 },
    hold: '30m',
    deadband: 0.2,
    clearAfter: '1h',
  },
  {
    id: 'fine-dust-high',
    kind: 'threshold',
    parameter: 'pm2_5',
    levels: { blue: 75, yellow: 115, orange: 150, red: 250 },
    hold: '1h',
    deadband: 5,
    clearAfter: '1h',
  },
  {
    id: 'lake-creeping-up',
    kind: 'trend',
    parameter: 'reservoir_level_upstream',
    window: '72h',
    levels: { blue: 'stage.flood-limit' },
    direction: 'up',
  },
]

/**
 * The demo catchment as the content of a network file: 26 stations from the hills to the sea, 21 devices, a rule of every kind. Places and
 * names are made up.
 */
export const demoNetwork: NetworkFile = {
  network: { id: 'demo', name: { en: 'Demo catchment', zh: '示范流域' }, timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
  stations,
  devices,
  rules,
}

/** In which encoding the demo's stations of SL 651 speak. */
export const demoEncodings: ReadonlyMap<string, Frame['encoding']> = new Map([['rtu-shiqiao', 'ascii']])

/** Which edition of HJ 212 the demo's devices speak: one of each. */
export const demoEditions: ReadonlyMap<string, Edition> = new Map([
  ['logger-chengnan', '2017'],
  ['logger-zhifang', '2005'],
  ['cems-reneng', '2025'],
])
