import type { ObservationsEvent } from '../../api/schemas/stream.ts'
import type { ObservationRow } from '../../api/schemas/observation.ts'
import { dayAndClock, duration, number } from '../../figures/words.ts'
import { serverNow } from './clock.ts'
import { refresh } from './refresh.ts'
import { voice } from './voice.ts'

type Listener = (rows: readonly ObservationRow[]) => void
const listeners = new Set<Listener>()

/** Calls for every batch of new readings of this page's stations. */
export function onReadings(listener: Listener): void {
  listeners.add(listener)
}

/** Readings change trends, bars and the map too: those are asked for again at most so often. */
const refreshEveryMs = 20_000

/**
 * Follows the live events of the page: values change as they come, warnings at once, all else within 20 s. A lost connection is said in
 * words, with the time the values are from; the browser connects again by itself and is told what it missed.
 */
export function followLive(): void {
  const address = document.documentElement.dataset.stream
  if (address === undefined) return
  const wanted = scheduler()
  const strip = lostStrip()
  let source = connect(address, strip, wanted)
  strip.onLost(() => {
    // a refusal ends an EventSource for good: we ask again after a while
    if (source.readyState !== EventSource.CLOSED) return
    setTimeout(() => (source = connect(address, strip, wanted)), 10_000)
  })
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) wanted(50)
  })
  addEventListener('pagehide', () => source.close())
}

function connect(address: string, strip: Strip, wanted: (withinMs: number) => void): EventSource {
  const source = new EventSource(address)
  source.addEventListener('open', strip.found)
  source.addEventListener('error', strip.lost)
  source.addEventListener('observations', (event) => {
    const { observations } = JSON.parse(String(event.data)) as ObservationsEvent
    showValues(observations)
    for (const listener of listeners) listener(observations)
    wanted(refreshEveryMs)
  })
  source.addEventListener('warnings', () => wanted(50))
  source.addEventListener('reset', () => wanted(50))
  return source
}

/** Refreshes once for all that asked in between; the soonest wish counts. */
function scheduler(): (withinMs: number) => void {
  let due = Infinity
  let timer: ReturnType<typeof setTimeout> | null = null
  return function wanted(withinMs) {
    const at = Date.now() + withinMs
    if (at >= due) return
    due = at
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      due = Infinity
      timer = null
      // a refresh that gets no answer is shown by the strip, which has noticed the same
      if (!document.hidden) refresh().catch(() => undefined)
    }, withinMs)
  }
}

/** Puts new values, and the age of the newest reading, where they stand. */
function showValues(rows: readonly ObservationRow[]): void {
  const newest = new Map<string, ObservationRow>()
  for (const row of rows) if (row.observedAt >= (newest.get(row.series)?.observedAt ?? 0)) newest.set(row.series, row)
  for (const place of document.querySelectorAll<HTMLElement>('[data-value]')) {
    const row = newest.get(place.dataset.value ?? '')
    if (!row || row.observedAt < Number(place.dataset.at ?? 0)) continue
    const unit = place.dataset.unit ?? ''
    place.dataset.at = String(row.observedAt)
    place.textContent = `${number(row.value, Number(place.dataset.decimals))}${unit === '' ? '' : ` ${unit}`}`
    const age = place.closest('[data-station]')?.querySelector<HTMLElement>('[data-age]')
    if (age) age.dataset.age = String(row.observedAt)
  }
  const last = document.querySelector<HTMLElement>('#status [data-age]')
  const receivedAt = Math.max(...rows.map((row) => row.receivedAt))
  if (last && receivedAt > Number(last.dataset.age)) last.dataset.age = String(receivedAt)
}

interface Strip {
  lost: () => void
  found: () => void
  onLost: (listener: () => void) => void
}

/** The amber strip of a lost connection. */
function lostStrip(): Strip {
  const strip = document.getElementById('lost')
  let since: number | null = null
  let told: () => void = () => undefined
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const say = (): void => {
    if (strip === null || since === null) return
    strip.hidden = false
    strip.textContent = voice.t.browser.lost(duration(serverNow() - since, voice.language), dayAndClock(since, zone, voice.language))
  }
  setInterval(say, 1000)
  return {
    onLost: (listener) => (told = listener),
    lost() {
      since ??= serverNow()
      document.documentElement.classList.add('stale')
      say()
      told()
    },
    found() {
      since = null
      document.documentElement.classList.remove('stale')
      if (strip) strip.hidden = true
    },
  }
}
