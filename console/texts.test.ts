import { expect, test } from '@jest/globals'
import { testNames } from '../domain/quality-tests.ts'
import { rejectionReasons } from '../domain/rejection.ts'
import { stationKinds } from '../domain/network.ts'
import { texts, type Texts } from './texts.ts'

/** All keys below a node, as paths; functions are leaves. */
function paths(node: unknown, at = ''): string[] {
  if (typeof node !== 'object' || node === null) return [at]
  return Object.entries(node).flatMap(([key, value]) => paths(value, `${at}.${key}`))
}

const leaves = (node: unknown): unknown[] => (typeof node === 'object' && node !== null ? Object.values(node).flatMap(leaves) : [node])

test('both languages have the same keys', () => {
  expect(paths(texts.zh)).toEqual(paths(texts.en))
})

test('no word is empty, and no sentence is left in the other language', () => {
  for (const text of leaves(texts.zh)) if (typeof text === 'string') expect(text).not.toBe('')
  for (const text of leaves({ ...texts.en, buttons: {} })) if (typeof text === 'string') expect(text).not.toMatch(/[\u4e00-\u9fff]/)
  const sentences = [texts.zh.problem, texts.zh.empty, texts.zh.gaps.empty].flatMap(leaves).map(String)
  for (const text of sentences) expect(text).toMatch(/[\u4e00-\u9fff]/)
})

test('titles and buttons fit: 60 characters in English, 30 in Chinese', () => {
  const short = ({ titles, buttons, control, simulator, gaps }: Texts): string[] =>
    [titles, buttons, control.titles, control.buttons, simulator.titles, simulator.buttons, gaps.titles, gaps.buttons]
      .flatMap(leaves)
      .map(String)
  for (const text of short(texts.en)) expect(text.length).toBeLessThanOrEqual(60)
  for (const text of short(texts.zh)) expect(text.length).toBeLessThanOrEqual(30)
})

test('every station kind, quality test and reason to set aside has a name', () => {
  for (const { stationKind, test: names, reason } of [texts.en, texts.zh]) {
    expect(Object.keys(reason).sort()).toEqual([...rejectionReasons].sort())
    expect(Object.keys(stationKind)).toEqual([...stationKinds])
    expect(Object.keys(names)).toEqual([...testNames])
  }
})
