import type { Parameter } from './session.ts'

/** Collects the parameters of a statement while its text is put together: `given(x)` keeps x and returns its `$n`. */
export interface Parameters {
  given(value: Parameter): string
  values: readonly Parameter[]
}

export function createParameters(): Parameters {
  const values: Parameter[] = []
  return { given: (value) => `$${values.push(value)}`, values }
}
