import type { Parameter } from './session.ts'

/** Collects the parameters of a statement while its text is put together. */
export interface Parameters {
  /**
   * What stands for the value in the text: `$n`, or the digits of a whole number, with which DuckDB plans once instead of twice. Text from
   * outside never becomes part of a statement.
   */
  given(value: Parameter): string
  values: readonly Parameter[]
}

export function createParameters(): Parameters {
  const values: Parameter[] = []
  return {
    given: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? `(${value})` : `$${values.push(value)}`),
    values,
  }
}
