import type { Language } from '../figures/words.ts'
import { en } from './texts/en.ts'
import { zh } from './texts/zh.ts'

export type Texts = typeof en

/** Every word of the console, by language. */
export const texts: Readonly<Record<Language, Texts>> = { en, zh }
