const year = 31_536_000

/** Tells the server the width of the window, so that the next page's figures fit. */
export function tellWidth(): void {
  document.cookie = `gk_w=${Math.round(window.innerWidth)}; Path=/; Max-Age=${year}; SameSite=Lax`
}

/** Tells the server the reader's time zone, for what happened at no place of ours. */
export function tellZone(): void {
  document.cookie = `gk_z=${Intl.DateTimeFormat().resolvedOptions().timeZone}; Path=/; Max-Age=${year}; SameSite=Lax`
}

const order = ['system', 'dark', 'light'] as const

/** Changes the appearance without asking the server for the page again; the link still works without this. */
export function watchTheme(): void {
  document.getElementById('theme')?.addEventListener('click', (event) => {
    event.preventDefault()
    const root = document.documentElement
    const next = order[(order.findIndex((one) => one === root.dataset.theme) + 1) % order.length] ?? 'system'
    root.dataset.theme = next
    document.cookie = `gk_theme=${next}; Path=/; Max-Age=${year}; SameSite=Lax`
  })
}

/** `/` puts the cursor into the search. */
export function watchSearchKey(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
    event.preventDefault()
    document.querySelector<HTMLInputElement>('.search input')?.focus()
  })
}

/** Whether a key goes into a field and is none of ours. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
