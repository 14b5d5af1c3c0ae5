const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text made safe for element content and quoted attributes; characters that XML 1.0 §2.2 leaves out of a document are dropped. */
export function escape(text: string): string {
  if (/^[\w .,:;/()+%-]*$/.test(text)) return text // most names and addresses
  let safe = ''
  for (const c of text) safe += entities[c] ?? (allowed(c.codePointAt(0) ?? 0) ? c : '')
  return safe
}

const allowed = (code: number): boolean =>
  code >= 0x20 ? code < 0xd800 || (code >= 0xe000 && code < 0xfffe) || code >= 0x10000 : code === 9 || code === 10 || code === 13

/** A coordinate with at most one decimal; what is not finite becomes 0, so that no figure holds NaN. */
export function px(value: number): string {
  if (!Number.isFinite(value)) return '0'
  const tenths = Math.round(value * 10)
  return short(tenths)
}

/** Tenths of a pixel as text: `-.5`, `12`, `3.4`. */
function short(tenths: number): string {
  const size = Math.abs(tenths)
  const whole = Math.floor(size / 10)
  const rest = size % 10
  const digits = rest === 0 ? String(whole) : `${whole === 0 ? '' : whole}.${rest}`
  return tenths < 0 ? `-${digits}` : digits
}

export type Place = readonly [x: number, y: number]

/**
 * A polyline as path data with relative steps in tenths of a pixel: a third of the bytes of absolute ones.
 * Steps are taken between rounded places, so that rounding does not add up. Empty for no place; one place gives a dot of round caps.
 */
export function polyline(places: readonly Place[]): string {
  let [x, y] = [0, 0]
  let path = ''
  places.forEach((place, i) => {
    const [nx, ny] = [Math.round(finite(place[0]) * 10), Math.round(finite(place[1]) * 10)]
    const dy = short(i === 0 ? ny : ny - y)
    const joint = dy.startsWith('-') ? '' : ' '
    path += i === 0 ? `M${short(nx)}${joint}${dy}` : `l${short(nx - x)}${joint}${dy}`
    ;[x, y] = [nx, ny]
  })
  return places.length === 1 ? `${path}h0` : path
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0)

/** Width of a text in px, guessed well enough to keep labels apart: CJK full, others 0.56 of the size. */
export function textWidth(text: string, size: number): number {
  let em = 0
  for (const c of text) em += c > '\u2e7f' ? 1 : 0.56
  return em * size
}
