import { texts } from '../texts.ts'
import type { Voice } from '../say.ts'

const language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'

/** The language of the page. */
export const voice: Voice = { language, t: texts[language] }
