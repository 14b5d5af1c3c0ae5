import { refusedWhole, rejection, type Codec, type CodecDevice, type Decoded, type Misread } from '../../domain/codec.ts'
import type { Szy206Settings } from '../../domain/network.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import type { Rejection } from '../../domain/rejection.ts'
import { incomplete } from '../frame-scanner.ts'
import { functions, type Field } from './fields.ts'
import { hexByte, readFrame, type Frame } from './frame.ts'
import { momentOf, readBcd, readReport, type Report } from './report.ts'

/** Topic of a delivery: the protocol and its AFN. */
export const topicOf = (code: number): string => `${prefix}${hexByte(code)}`
const prefix = 'szy206/'

/**
 * SZY 206. A payload is one frame, as the gateway has checked it. Automatic reports (C0) of rain, level, flow and volume are read; each value is a group of
 * its own, named `rain`, `level`, `flow`, `volume`: which series that is, only a channel of the device can say. Alarm and state words go where a
 * channel leads, else nowhere. Times are Beijing time unless the device's clock says another zone.
 */
export const szy206: Codec = {
  name: 'szy206',
  reads: (topic) => topic.startsWith(prefix),
  decode(payload, device, receivedAt) {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    const read = readFrame(bytes, 0)
    if (read === incomplete || !('frame' in read) || read.length !== bytes.length)
      return refusedWhole(rejection('wrong-shape', 'not a frame of SZY 206: 68, length, 68, C to data, check byte, 16'))
    return decodeFrame(read.frame, device, receivedAt)
  },
}

const beijing = '+08:00'

/** The readings of a frame; what is not described is refused by its name. A link check holds none. */
export function decodeFrame(frame: Frame, device: CodecDevice, receivedAt: number): Decoded {
  const known = functions.get(frame.code)
  if (known?.meaning === 'link') return { groups: [], items: null, rejections: [] }
  if (known?.meaning !== 'report')
    return refusedWhole(rejection('unknown-topic', `AFN ${hexByte(frame.code)} (${known?.name ?? 'reserved'}): its body is not described`))
  if (frame.split !== null)
    return refusedWhole(
      rejection('wrong-shape', `a packet of a split report (${frame.split} to come): how their data join is not described`),
    )
  const report = readReport(frame)
  if ('problem' in report) return refusedWhole(rejection('unknown-parameter', report.problem))
  const moment = momentOf(report.tp, receivedAt, device.clock.zone ?? beijing)
  if ('reason' in moment) return refusedWhole(rejection(moment.reason, noMoment(report), report.values.length))
  return gather(report, moment.at, device.szy206)
}

const noMoment = ({ tp: { day, hour, minute, second } }: Report): string =>
  `its Tp says day ${day}, ${hour}:${minute}:${second}: there is no such time`

function gather({ values, alarm, state }: Report, at: number, settings: Szy206Settings | null): Decoded {
  const groups: ReadingGroup[] = []
  const items: number[] = []
  const rejections: Rejection[] = []
  for (const [place, { field, bytes }] of values.entries()) {
    const value = valueOf(field, bytes, settings)
    if (typeof value === 'object' && value !== null) rejections.push(rejection(value.reason, value.detail, 1, place))
    else {
      groups.push({ at, seq: null, position: null, readings: [readingOf(field, value)] })
      items.push(place)
    }
  }
  groups.push({ at, seq: null, position: null, readings: [], housekeeping: [word('alarm', alarm), word('state', state)] })
  items.push(values.length)
  return { groups, items, rejections }
}

const word = (name: string, value: number): Reading => ({ name, number: null, station: null, value, unit: null, sourceQuality: null })

const readingOf = ({ name }: Field, value: number | null): Reading => ({
  ...{ name, number: null, station: null, value, unit: null, sourceQuality: null },
  hint: `; say which series it is: channels: { ${name}: station/parameter }`,
})

/** The number in the field's unit, null for a missing one, or why it is none. */
function valueOf({ name, decimals, isSigned }: Field, bytes: Uint8Array, settings: Szy206Settings | null): number | null | Misread {
  const shown = Buffer.from(bytes).toString('hex').toUpperCase()
  if (settings?.missingAA === true && bytes.every((byte) => byte === 0xaa)) return null
  const places = decimals ?? settings?.levelDecimals ?? null
  if (places === null)
    return {
      reason: 'unknown-parameter',
      detail: `${name} is ${shown}: its decimals are not verified; declare szy206: { levelDecimals: 3 }`,
    }
  const digits = readBcd(bytes)
  if (digits === null || (isSigned && digits[0] !== '0')) return { reason: 'not-finite', detail: `${name} is ${shown}, ${whyNone(digits)}` }
  return Number(digits) / 10 ** places
}

const whyNone = (digits: string | null): string =>
  digits === null
    ? 'no number in BCD; where AA bytes mean a missing value, declare szy206: { missingAA: true }'
    : 'whose sign digit is not 0; which one means minus is not verified'
