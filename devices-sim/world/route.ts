/** The way of a boat between two stations and back. */
export interface Route {
  between: readonly [string, string]
  /** Hours for there and back. */
  hours: number
}

/** How far it has got: 0 at the first station, 1 at the second. */
export function wayAlong({ hours }: Route, at: number): number {
  const part = (at / (hours * 3_600_000)) % 1
  return part < 0.5 ? 2 * part : 2 - 2 * part
}
