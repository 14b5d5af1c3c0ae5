import type { StationKind } from '../../domain/network.ts'
import type { Words } from '../../domain/warning.ts'
import { keyOf, uniform } from '../world/random.ts'

type Syllable = readonly [pinyin: string, zh: string]

const firsts: readonly Syllable[] = [
  ...([
    ['Qing', '青'],
    ['Shi', '石'],
    ['Yun', '云'],
    ['Long', '龙'],
    ['Bai', '白'],
    ['Jin', '金'],
    ['Song', '松'],
    ['Zhu', '竹'],
  ] as const),
  ...([
    ['Hong', '红'],
    ['Xi', '西'],
    ['Dong', '东'],
    ['Nan', '南'],
    ['Bei', '北'],
    ['He', '鹤'],
    ['Lan', '兰'],
    ['Mei', '梅'],
  ] as const),
  ...([
    ['Tian', '天'],
    ['An', '安'],
    ['Fu', '福'],
    ['Yu', '玉'],
    ['Lin', '林'],
    ['Gao', '高'],
    ['Chang', '长'],
    ['Shuang', '双'],
  ] as const),
]
const seconds: readonly Syllable[] = [
  ...([
    ['xi', '溪'],
    ['qiao', '桥'],
    ['wan', '湾'],
    ['ling', '岭'],
    ['tang', '塘'],
    ['feng', '峰'],
    ['zhou', '洲'],
    ['men', '门'],
  ] as const),
  ...([
    ['kou', '口'],
    ['tan', '滩'],
    ['gang', '港'],
    ['ping', '坪'],
    ['chi', '池'],
    ['yuan', '源'],
    ['dian', '店'],
    ['quan', '泉'],
  ] as const),
]

/** What stands there, behind the name of the place. */
const nouns: Readonly<Partial<Record<StationKind, Words>>> = {
  reservoir: { en: ' Reservoir', zh: '水库' },
  lake: { en: ', at the dam', zh: '坝前' },
  'water-source': { en: ' Intake', zh: '水源地' },
  abstraction: { en: ' Waterworks', zh: '水厂取水口' },
  outfall: { en: ' Treatment Works', zh: '污水处理厂' },
  sea: { en: ' Mouth', zh: '河口' },
  air: { en: ' air', zh: '空气站' },
  noise: { en: ' street', zh: '噪声站' },
  soil: { en: ' field', zh: '墒情站' },
  radiation: { en: ' radiation', zh: '辐射站' },
  hazard: { en: ' Chemicals, tank', zh: '化工储罐' },
  mobile: { en: ' boat', zh: '监测船' },
}

/**
 * A made-up name of a place, in both languages; the same place has the same one. A number tells repeats apart.
 * @param what stands there, where its kind does not say
 */
export function nameOf(kind: StationKind, nth: number, seed: number, what?: Words): Words {
  const key = keyOf(kind)
  const first = firsts[Math.floor(uniform(seed, key, nth, 1) * firsts.length)] ?? ['', '']
  const second = seconds[Math.floor(uniform(seed, key, nth, 2) * seconds.length)] ?? ['', '']
  const noun = what ?? nouns[kind] ?? { en: '', zh: '' }
  return { en: `${first[0]}${second[0]}${noun.en} ${nth}`, zh: `${first[1]}${second[1]}${noun.zh}${nth}号` }
}
