// The standard's tables as data (SL 651-2014, annexes A to C): one line an element.
import { parameters } from '../../domain/parameters.ts'

/** An element of annex C whose value is a number in BCD. */
export interface Element {
  id: number
  /** Identifier in the ASCII encoding. */
  ascii: string
  /** Definition byte: bytes << 3 | decimals. A frame carries its own, which wins. */
  definition: number
  /** UCUM; null = a bare number. */
  unit: string | null
}

/** Elements that are no plain number, and guides of a body. */
export const special = {
  step: 0x04,
  duration: 0x05,
  status: 0x45,
  time: 0xf0,
  station: 0xf1,
  text: 0xf2,
  picture: 0xf3,
  rain5min: 0xf4,
  /** DRZ1 to DRZ8. */
  level5minFirst: 0xf5,
  level5minLast: 0xfc,
  /** Velocities in bulk: its form is not known here. */
  velocities: 0xfd,
  /** First byte of identifiers of two bytes that a user defines. */
  own: 0xff,
} as const

/** Their identifiers in the ASCII encoding. */
export const specialAscii: ReadonlyMap<number, string> = new Map([
  [special.duration, 'DT'],
  [special.status, 'ZT'],
  [special.rain5min, 'DRP'],
  ...Array.from({ length: 8 }, (_, i): [number, string] => [special.level5minFirst + i, `DRZ${i + 1}`]),
])

// prettier-ignore
const rows: readonly (readonly [id: number, ascii: string, definition: number, unit: string | null])[] = [
  [0x01, 'AC', 0x22, 'm2'],
  [0x02, 'AI', 0x11, 'Cel'],
  [0x03, 'C', 0x11, 'Cel'],
  [0x06, 'ED', 0x19, 'mm'],
  [0x07, 'EJ', 0x19, 'mm'],
  [0x08, 'FL', 0x18, 'hPa'],
  [0x09, 'GH', 0x1a, 'm'],
  [0x0a, 'GN', 0x10, null],
  [0x0b, 'GS', 0x08, null],
  [0x0c, 'GT', 0x10, null],
  [0x0d, 'GTP', 0x11, 'Cel'],
  [0x0e, 'H', 0x1a, 'm'],
  [0x0f, 'HW', 0x1a, 'm'],
  [0x10, 'M10', 0x11, '%'],
  [0x11, 'M20', 0x11, '%'],
  [0x12, 'M30', 0x11, '%'],
  [0x13, 'M40', 0x11, '%'],
  [0x14, 'M50', 0x11, '%'],
  [0x15, 'M60', 0x11, '%'],
  [0x16, 'M80', 0x11, '%'],
  [0x17, 'M100', 0x11, '%'],
  [0x18, 'MST', 0x11, '%'],
  [0x19, 'NS', 0x08, null],
  [0x1a, 'P1', 0x19, 'mm'],
  [0x1b, 'P2', 0x19, 'mm'],
  [0x1c, 'P3', 0x19, 'mm'],
  [0x1d, 'P6', 0x19, 'mm'],
  [0x1e, 'P12', 0x19, 'mm'],
  [0x1f, 'PD', 0x19, 'mm'],
  [0x20, 'PJ', 0x19, 'mm'],
  [0x21, 'PN01', 0x19, 'mm'],
  [0x22, 'PN05', 0x19, 'mm'],
  [0x23, 'PN10', 0x19, 'mm'],
  [0x24, 'PN30', 0x19, 'mm'],
  [0x25, 'PR', 0x19, 'mm'],
  [0x26, 'PT', 0x19, 'mm'],
  [0x27, 'Q', 0x2b, 'm3/s'],
  [0x28, 'Q1', 0x2b, 'm3/s'],
  [0x29, 'Q2', 0x2b, 'm3/s'],
  [0x2a, 'Q3', 0x2b, 'm3/s'],
  [0x2b, 'Q4', 0x2b, 'm3/s'],
  [0x2c, 'Q5', 0x2b, 'm3/s'],
  [0x2d, 'Q6', 0x2b, 'm3/s'],
  [0x2e, 'Q7', 0x2b, 'm3/s'],
  [0x2f, 'Q8', 0x2b, 'm3/s'],
  [0x30, 'QA', 0x2b, 'm3/s'],
  [0x31, 'QZ', 0x2b, 'm3/s'],
  [0x32, 'SW', 0x33, '10000.t'],
  [0x33, 'UC', 0x08, null],
  [0x34, 'UE', 0x08, null],
  [0x35, 'US', 0x11, 'm/s'],
  [0x36, 'VA', 0x1b, 'm/s'],
  [0x37, 'VJ', 0x1b, 'm/s'],
  [0x38, 'VT', 0x12, 'V'],
  [0x39, 'Z', 0x23, 'm'],
  [0x3a, 'ZB', 0x23, 'm'],
  [0x3b, 'ZU', 0x23, 'm'],
  [0x3c, 'Z1', 0x23, 'm'],
  [0x3d, 'Z2', 0x23, 'm'],
  [0x3e, 'Z3', 0x23, 'm'],
  [0x3f, 'Z4', 0x23, 'm'],
  [0x40, 'Z5', 0x23, 'm'],
  [0x41, 'Z6', 0x23, 'm'],
  [0x42, 'Z7', 0x23, 'm'],
  [0x43, 'Z8', 0x23, 'm'],
  [0x44, 'SQ', 0x2b, 'kg/m3'],
  [0x46, 'pH', 0x12, '[pH]'],
  [0x47, 'DO', 0x11, 'mg/L'],
  [0x48, 'COND', 0x18, 'uS/cm'],
  [0x49, 'TURB', 0x10, '{NTU}'],
  [0x4a, 'CODMN', 0x11, 'mg/L'],
  [0x4b, 'REDOX', 0x19, 'mV'],
  [0x4c, 'NH4N', 0x1a, 'mg/L'],
  [0x4d, 'TP', 0x1b, 'mg/L'],
  [0x4e, 'TN', 0x1a, 'mg/L'],
  [0x4f, 'TOC', 0x12, 'mg/L'],
  [0x50, 'CU', 0x24, 'mg/L'],
  [0x51, 'ZN', 0x1c, 'mg/L'],
  [0x52, 'SE', 0x25, 'mg/L'],
  [0x53, 'AS', 0x25, 'mg/L'],
  [0x54, 'THG', 0x25, 'mg/L'],
  [0x55, 'CD', 0x25, 'mg/L'],
  [0x56, 'PB', 0x25, 'mg/L'],
  [0x57, 'CHLA', 0x12, 'mg/L'],
  [0x58, 'WP1', 0x1a, 'kPa'],
  [0x59, 'WP2', 0x1a, 'kPa'],
  [0x5a, 'WP3', 0x1a, 'kPa'],
  [0x5b, 'WP4', 0x1a, 'kPa'],
  [0x5c, 'WP5', 0x1a, 'kPa'],
  [0x5d, 'WP6', 0x1a, 'kPa'],
  [0x5e, 'WP7', 0x1a, 'kPa'],
  [0x5f, 'WP8', 0x1a, 'kPa'],
  [0x60, 'SYL1', 0x33, 'm3'],
  [0x61, 'SYL2', 0x33, 'm3'],
  [0x62, 'SYL3', 0x33, 'm3'],
  [0x63, 'SYL4', 0x33, 'm3'],
  [0x64, 'SYL5', 0x33, 'm3'],
  [0x65, 'SYL6', 0x33, 'm3'],
  [0x66, 'SYL7', 0x33, 'm3'],
  [0x67, 'SYL8', 0x33, 'm3'],
  [0x68, 'SBL1', 0x2a, 'm3/h'],
  [0x69, 'SBL2', 0x2a, 'm3/h'],
  [0x6a, 'SBL3', 0x2a, 'm3/h'],
  [0x6b, 'SBL4', 0x2a, 'm3/h'],
  [0x6c, 'SBL5', 0x2a, 'm3/h'],
  [0x6d, 'SBL6', 0x2a, 'm3/h'],
  [0x6e, 'SBL7', 0x2a, 'm3/h'],
  [0x6f, 'SBL8', 0x2a, 'm3/h'],
  [0x70, 'VTA', 0x11, 'V'],
  [0x71, 'VTB', 0x11, 'V'],
  [0x72, 'VTC', 0x11, 'V'],
  [0x73, 'VIA', 0x11, 'A'],
  [0x74, 'VIB', 0x11, 'A'],
  [0x75, 'VIC', 0x11, 'A'],]

export const elements: ReadonlyMap<number, Element> = new Map(
  rows.map(([id, ascii, definition, unit]) => [id, { id, ascii, definition, unit }]),
)
export const elementsByAscii: ReadonlyMap<string, Element> = new Map([...elements.values()].map((element) => [element.ascii, element]))

/** Where an element goes in the catalogue: parameter key and sensor number. */
export interface Place {
  key: string
  number: number | null
}

const byId: ReadonlyMap<number, Place> = new Map([
  ...[...parameters.values()].flatMap(({ key, sl651 }) =>
    sl651.map(({ id }): [number, Place] => [parseInt(id ?? '', 16), { key, number: null }]),
  ),
  // Meters, pressures: the catalogue has the first of eight, the others are further sensors of it.
  ...[0x58, 0x68].flatMap((first) =>
    Array.from({ length: 7 }, (_, i): [number, Place] => [first + 1 + i, { key: keyOfFirst(first), number: i + 2 }]),
  ),
  [special.rain5min, { key: 'rainfall', number: null }],
])

/** The place of an element; null when only a channel of the device can say. */
export const placeOf = (id: number): Place | null => byId.get(id) ?? null

function keyOfFirst(id: number): string {
  const hex = id.toString(16).padStart(2, '0').toUpperCase()
  for (const { key, sl651 } of parameters.values()) if (sl651.some((code) => code.id === hex)) return key
  throw new Error(`no parameter has the SL 651 element ${hex}`)
}

/** The element that carries a parameter, as stations send it; null when none does. */
export function elementOf(key: string, number: number): number | null {
  for (const [id, place] of byId) if (place.key === key && (place.number ?? 1) === number) return id
  return null
}

/** Station classes (annex A): byte in HEX, letter in ASCII. */
export const classes: ReadonlyMap<number, string> = new Map([...'PHKZDTMGQIO'].map((letter) => [letter.charCodeAt(0), letter]))

/** What a function code is to a gateway (annex B). `answers` come only after a request of ours. */
export type Meaning = 'keep-alive' | 'data' | 'text' | 'picture' | 'answer'

export const functions: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [0x2f, 'keep-alive'],
  ...[0x30, 0x31, 0x32, 0x33, 0x34, 0x37, 0x38, 0x3a].map((code): [number, Meaning] => [code, 'data']),
  [0x35, 'text'],
  [0x39, 'text'],
  [0x36, 'picture'],
  ...Array.from({ length: 0x51 - 0x40 + 1 }, (_, i): [number, Meaning] => [0x40 + i, 'answer']),
])
