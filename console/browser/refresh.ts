import { morph } from './morph.ts'

/**
 * Brings the page up to what the server would show now: asks for it again and exchanges the parts marked `data-live` that differ. What the
 * reader does is left alone: a part with the focus in a field waits, and open details stay open.
 */
export async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!answer.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
  exchangeRows(fresh)
  for (const part of document.querySelectorAll<HTMLElement>('[data-live][id]')) {
    const next = fresh.getElementById(part.id)
    if (next && !sameAs(part, next)) exchange(part, next)
  }
}

/** Rows in another order, or other rows: the whole list is exchanged, for its order says what is urgent. */
function exchangeRows(fresh: Document): void {
  const [rows, next] = [document.getElementById('rows'), fresh.getElementById('rows')]
  if (rows && next && rows.dataset.order !== next.dataset.order) exchange(rows, next)
}

const shown = new WeakMap<Element, string>()

/** Compares with what the server sent last, not with what ticking ages made of it. */
function sameAs(part: Element, next: Element): boolean {
  const sent = shown.get(part) ?? part.outerHTML
  return sent === next.outerHTML
}

function exchange(part: HTMLElement, next: HTMLElement): void {
  const focused = document.activeElement
  if (focused && part.contains(focused) && /^(INPUT|TEXTAREA|SELECT)$/.test(focused.tagName)) return
  morph(part, next)
  shown.set(part, next.outerHTML)
}
