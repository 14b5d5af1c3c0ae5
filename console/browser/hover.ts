/** A station under the pointer or the focus lights up in the map and in the list. */
export function linkMapAndList(): void {
  const light = (event: Event, on: boolean): void => {
    const id = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-station]')?.dataset.station : undefined
    if (id === undefined) return
    for (const one of document.querySelectorAll(`[data-station="${CSS.escape(id)}"]`)) one.classList.toggle('lit', on)
  }
  for (const name of ['mouseover', 'focusin']) document.addEventListener(name, (event) => light(event, true))
  for (const name of ['mouseout', 'focusout']) document.addEventListener(name, (event) => light(event, false))
}
