import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../../domain/time.ts'

/** `max`, or a number above 0. */
export function asSpeed(text: string): number | 'max' {
  return text === 'max' ? text : asPositive(text)
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
