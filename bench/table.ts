/** A Markdown table; numbers are given as text already rounded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-GB')
export const digits = (value: number, places = 1): string => value.toFixed(places)
export const ratio = (a: number, b: number): string => `${(a / b).toFixed(2)} ×`
