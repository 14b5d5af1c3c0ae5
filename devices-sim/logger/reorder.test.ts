import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { readScenario } from '../scenarios/scenario.ts'
import { createSimulation } from '../simulation.ts'
import type { Transmission } from './wire.ts'

const title = { en: 'x', zh: 'x' }

/** First transmissions by device, in the order of leaving. */
function sentWith(faults: readonly object[], devices: object = {}): Map<string, Transmission[]> {
  const scenario = readScenario(stringify({ id: 'trial', title, about: title, lasts: '8h', weather: 'calm', faults, devices }), 'trial')
  const order = { scenario, run: 'trial', stations: 30, seed: 1, startAt: Date.parse('2026-06-15T00:00:00Z'), lastsMs: null }
  const sent = new Map<string, Transmission[]>()
  for (const { messages } of createSimulation({ ...order, protocols: ['hj212', 'sl651'] }).steps())
    for (const message of messages)
      if (message.readings.some(({ outcome }) => outcome !== 'duplicate'))
        sent.set(message.device, [...(sent.get(message.device) ?? []), message])
  return sent
}

const isLabelled = ({ readings }: Transmission): boolean => readings.some(({ faults }) => faults.some((id) => id.startsWith('reorder:')))
const madeAt = ({ readings }: Transmission): number => Math.max(...readings.map(({ made }) => made))
const isOvertaken = (message: Transmission, place: number, all: readonly Transmission[]): boolean =>
  all.slice(0, place).some((before) => madeAt(before) > madeAt(message))

test('a message is labelled as overtaken where one that was made later left before it, and nowhere else', () => {
  for (const devices of [{ jitter: '20s' }, { jitter: '20s', sendEvery: '15m', byException: true, firmwares: true }]) {
    const wires = sentWith(
      [
        { type: 'reorder', every: '2h', lasts: '40m' },
        { type: 'line-cut', share: 0.4, at: '3h', lasts: '30m' },
        { type: 'duplicate', share: 0.4, every: '2h', lasts: '1h' },
      ],
      devices,
    )
    const all = [...wires.values()].flatMap((own) => own.map((message, i) => [isLabelled(message), isOvertaken(message, i, own)]))
    expect(all.filter(([labelled]) => labelled).length).toBeGreaterThan(60)
    expect(all.filter(([labelled, overtaken]) => labelled !== overtaken)).toEqual([])
  }
})

test('without the fault all leave in the order in which they were made', () => {
  const wires = sentWith([{ type: 'line-cut', share: 0.4, at: '3h', lasts: '30m' }], { jitter: '20s' })
  expect([...wires.values()].flatMap((own) => own.filter((message, i) => isOvertaken(message, i, own)))).toEqual([])
})

test('a message that nothing follows leaves all the same, once, and is not called overtaken', () => {
  const wires = sentWith([
    { type: 'reorder', at: '4h', lasts: '4h' },
    { type: 'dead-battery', at: '5h', lasts: '3h' },
  ])
  for (const own of wires.values()) {
    const keys = own.flatMap(({ readings }) => readings.map(({ station, parameter, made }) => `${station} ${parameter} ${made}`))
    expect(new Set(keys).size).toBe(keys.length)
    for (const [i, message] of own.entries()) expect(isLabelled(message)).toBe(isOvertaken(message, i, own))
  }
  const last = [...wires.values()].flatMap((own) => own.slice(-1))
  expect(last.filter((message) => madeAt(message) < message.at - 3_600_000).length).toBeGreaterThan(0)
})
