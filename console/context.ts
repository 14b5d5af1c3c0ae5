import { isTimeZone } from '../domain/time-zone.ts'
import type { Language } from '../figures/words.ts'
import type { SessionNote } from '../api/schemas/session.ts'
import { texts, type Texts } from './texts.ts'

export const appearances = ['system', 'light', 'dark'] as const
/** Light and dark, or what the system says. */
export type Appearance = (typeof appearances)[number]

/** What one reader likes, from the address, cookies and headers of a request. */
export interface Preferences {
  language: Language
  appearance: Appearance
  /** Width of the window in px, told by the browser or guessed from its kind. */
  viewport: number
  /** Time zone of the reader, told by the browser; UTC until it has. For times that belong to no place of ours. */
  zone: string
}

/** What every page is made with. */
export interface PageContext extends Preferences {
  t: Texts
  /** Our clock, epoch ms. */
  now: number
  /** Path and query of the page. */
  url: string
  session: SessionNote
  version: string
  /** Address of the script. */
  script: string
}

/** Below this width a page has one column. */
export const phoneWidth = 720

interface Asked {
  query: Readonly<Record<string, unknown>>
  cookies: ReadonlyMap<string, string>
  acceptLanguage: string
  userAgent: string
}

/** Reads a reader's wishes: address before cookie before header. Anything unknown counts as not said. */
export function preferencesOf({ query, cookies, acceptLanguage, userAgent }: Asked): Preferences {
  const language = languageOf(query.lang) ?? languageOf(cookies.get('gk_lang')) ?? acceptedLanguage(acceptLanguage)
  const appearance = appearanceOf(query.theme) ?? appearanceOf(cookies.get('gk_theme')) ?? 'system'
  const told = Number(cookies.get('gk_w'))
  const viewport = Number.isInteger(told) && told >= 240 && told <= 8000 ? told : /Mobi|Android/.test(userAgent) ? 390 : 1280
  return { language, appearance, viewport, zone: zoneOf(cookies.get('gk_z')) ?? 'UTC' }
}

export const languageOf = (text: unknown): Language | null => (text === 'en' || text === 'zh' ? text : null)
export const zoneOf = (text: unknown): string | null => (typeof text === 'string' && isTimeZone(text) ? text : null)
export const appearanceOf = (text: unknown): Appearance | null => appearances.find((one) => one === text) ?? null

/** The first of our languages in an Accept-Language header, by weight; English without one. */
export function acceptedLanguage(header: string): Language {
  const wishes = header.split(',').map((part, place) => {
    const [tag = '', ...parameters] = part.trim().split(';')
    const weight = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((q) => q !== undefined)
    return { language: languageOf(tag.toLowerCase().split('-')[0]), weight: Number(weight ?? 1), place }
  })
  const known = wishes.filter((wish) => wish.language !== null && wish.weight > 0)
  return known.sort((a, b) => b.weight - a.weight || a.place - b.place)[0]?.language ?? 'en'
}

/** Cookies of a request; the first of a name counts. */
export function readCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).trim()
    if (at > 0 && !cookies.has(name)) cookies.set(name, part.slice(at + 1).trim())
  }
  return cookies
}

/** The context of a page, from the wishes and the rest. */
export function pageContext(preferences: Preferences, rest: Omit<PageContext, keyof Preferences | 't'>): PageContext {
  return { ...preferences, ...rest, t: texts[preferences.language] }
}

/** A path with a query in which some names are set anew (null = taken out). */
export function addressWith(url: string, changes: Readonly<Record<string, string | null>>): string {
  const [path = '/', search = ''] = url.split('?')
  const query = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** A path of ours to go on to; anything else is the overview. */
export function ownPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[^\r\n\\]*$/.test(value) ? value : '/'
}
