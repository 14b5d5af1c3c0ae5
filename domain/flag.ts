/** How far a value can be trusted. Numbers of IOOS QARTOD / IODE primary flags. */
export const flag = { good: 1, notEvaluated: 2, suspect: 3, fail: 4, missing: 9 } as const

export type Flag = (typeof flag)[keyof typeof flag]

/** What each flag is called on a page; order of `aggregate` precedence, worst first. */
export const flagNames: Readonly<Record<Flag, { en: string; zh: string }>> = {
  4: { en: 'fail', zh: '无效' },
  3: { en: 'suspect', zh: '存疑' },
  1: { en: 'good', zh: '有效' },
  2: { en: 'not evaluated', zh: '未评估' },
  9: { en: 'missing', zh: '缺测' },
}

/** Position in the precedence 4 > 3 > 1 > 2 > 9, indexed by flag; larger wins. */
const precedence: readonly number[] = [0, 3, 2, 4, 5, 0, 0, 0, 0, 1]

/**
 * One flag from the flags of several tests on one value: precedence fail > suspect > good > not evaluated > missing.
 * No test at all is `not evaluated`. Source: QARTOD, as in ioos_qc `aggregate`.
 * @example aggregate([1, 2, 9]) // 1
 */
export function aggregate(flags: readonly Flag[]): Flag {
  let worst: Flag | null = null
  for (const candidate of flags) worst = worst === null ? candidate : worse(worst, candidate)
  return worst ?? flag.notEvaluated
}

/** The one of two flags that wins the aggregate. */
export function worse(a: Flag, b: Flag): Flag {
  return (precedence[a] ?? 0) >= (precedence[b] ?? 0) ? a : b
}
