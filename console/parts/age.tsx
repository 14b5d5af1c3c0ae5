import type { ComponentChildren } from 'preact'
import { dayAndClock, fullTime } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { ageText } from '../say.ts'

/**
 * How long ago something was, in words, with the local time as its tip. `ticking` ages are counted on by the browser: those of our own
 * clock; the clock of a run stands until its next reading.
 */
export function Age({ at, now, zone, ticking, page }: { at: number; now: number; zone: string; ticking: boolean; page: PageContext }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, zone, page.language)} {...(ticking && { 'data-age': at })}>
      {ageText(Math.max(0, now - at), page)}
    </time>
  )
}

/** A moment on the clock of a place, with UTC as its tip. */
export function Moment({ at, zone, page }: { at: number; zone: string; page: PageContext }) {
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={iso.replace('.000Z', 'Z')}>
      {dayAndClock(at, zone, page.language)}
    </time>
  )
}

/** A moment on the reader's own clock, with its zone: for what happened at no place of ours. UTC is its tip. */
export function OwnMoment({ at, page }: { at: number; page: PageContext }) {
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={iso.replace('.000Z', 'Z')}>
      {fullTime(at, page.zone, page.language)}
    </time>
  )
}

/** A name and what it stands for, as a row of a description list. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
