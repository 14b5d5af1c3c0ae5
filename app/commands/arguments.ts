import { InvalidArgumentError } from 'commander'
import { mostHours, stationBounds } from '../../api/schemas/simulation.ts'
import { runPattern } from '../../api/schemas/run.ts'
import { parseDuration } from '../../domain/time.ts'

/** `max`, or a number above 0. */
export function asSpeed(text: string): number | 'max' {
  return text === 'max' ? text : asPositive(text)
}

/** A whole number of stations that a basin can have. */
export function asStations(text: string): number {
  const value = Number(text)
  const { minimum, maximum } = stationBounds
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value
  throw new InvalidArgumentError(`write a whole number from ${minimum} to ${maximum}`)
}

/** Hours that a simulation may last. */
export const asHours = (text: string): number => asLength(text, mostHours)
export const asDays = (text: string): number => asLength(text, mostHours / 24)

function asLength(text: string, most: number): number {
  const value = asPositive(text)
  if (value > most) throw new InvalidArgumentError(`write a number up to ${most}`)
  return value
}

export type NamedValue = readonly [name: string, value: string]

/** Adds a `name=value` to those before. */
export function asNamedValues(text: string, before: readonly NamedValue[]): NamedValue[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write it as name=value')
  return [...before, [text.slice(0, at), text.slice(at + 1)]]
}

/** The name of a run. */
export function asRun(text: string): string {
  if (!runPattern.test(text)) throw new InvalidArgumentError('write at most 63 of a-z, 0-9 and -, not - first')
  return text
}

export function asPositive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0')
  return value
}

/** A whole number that the random numbers begin with. */
export function asSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number of at most nine digits')
  return Number(text)
}

/** A time with its offset, epoch ms. */
export function asInstant(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at) || !/(Z|[+-]\d\d:?\d\d)$/.test(text))
    throw new InvalidArgumentError('write a time with its offset, such as 2026-06-15T00:00:00Z')
  return at
}

/** A length of time above 0, ms. */
export function asSpan(text: string): number {
  const ms = parseDuration(text)
  if (ms === null || ms <= 0) throw new InvalidArgumentError('write a length of time, such as 30s or 2m')
  return ms
}

export const asList = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** From 0 to 1. */
export function asShare(text: string): number {
  const value = asFactor(text)
  if (value > 1) throw new InvalidArgumentError('write a number from 0 to 1')
  return value
}

export function asFactor(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('write a number, 0 or above')
  return value
}
