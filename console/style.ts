import { createHash } from 'node:crypto'
import { figureStyle, themeVariables } from '../figures/style.ts'

/**
 * The whole style of a page: variables of the two themes (system, light and dark by `data-theme`), the figures' rules, the page's rules.
 * @param css what the build made of console/style.css
 */
export function pageStyle(css: string): string {
  const [light, dark] = [themeVariables('light'), themeVariables('dark')]
  return (
    `:root{color-scheme:light;${light}}:root[data-theme=dark]{color-scheme:dark;${dark}}` +
    `@media(prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${dark}}}${figureStyle}\n${css}`
  ).replace(/<\//g, '<\\/')
}

/** Content-Security-Policy of every page: everything from here, the one style by its hash, no inline script, no frame around us. */
export function contentPolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return [
    "default-src 'self'",
    `style-src 'self' 'sha256-${hash}'`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
