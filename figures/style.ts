import { levels } from '../domain/warning.ts'
import { onWarning, tones, warningPalette, type Theme } from './palette.ts'

/** The custom properties of one theme, as declarations: `--paper:#fff;…`. Pages and figures draw with the same names. */
export function themeVariables(theme: Theme): string {
  const named = Object.entries(tones[theme]).map(([name, colour]) => `--${name}:${colour}`)
  const levelled = levels.map((level) => `--${level}:${warningPalette[theme][level]}`)
  const onLevel = levels.map((level) => `--on-${level}:${onWarning[theme][level]}`)
  return [...named, ...levelled, ...onLevel].join(';')
}

/**
 * Style sheet of all figures. The page that holds them sets the variables of `themeVariables`; one rule set serves both themes.
 */
export const figureStyle = [
  '.hg,.rm,.sk,.rb{display:block;font-family:system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}',
  '.hg{max-width:100%;height:auto}',
  '.hg text{font-size:13px;fill:var(--ink)}',
  ':where(.hg path:not([fill])){fill:none}',
  '.hg .hg-paper{fill:var(--paper)}',
  '.hg .hg-ground{stroke:var(--grid)}',
  '.hg .hg-hatch{stroke:var(--hatch);stroke-width:2}',
  '.hg .hg-gap{fill-opacity:.7}',
  '.hg .hg-simhatch{stroke:var(--dim);stroke-width:4}',
  '.hg .hg-simframe{stroke-width:5}',
  '.hg-simbadge{fill:var(--paper);stroke:var(--dim)}',
  '.hg text.hg-title{font-weight:600}',
  '.hg text.hg-tick{fill:var(--dim)}',
  '.hg-as{text-anchor:start}.hg-am{text-anchor:middle}.hg-ae{text-anchor:end}',
  '.hg-limitname,.hg-nowname,.hg-gapname,.hg-crossname,.hg-rainname,.hg-count{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}',
  '.hg .hg-grid{stroke:var(--grid)}',
  '.hg .hg-zero,.hg .hg-axis{stroke:var(--dim)}',
  '.hg .hg-line{stroke:var(--line);stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}',
  '.hg .hg-newest{fill:var(--line);stroke:var(--paper);stroke-width:1.5}',
  '.hg .hg-suspect{stroke:var(--suspect);stroke-width:1.6;fill:var(--paper)}',
  '.hg .hg-rejected{stroke:var(--ink);stroke-width:1.6}',
  '.hg .hg-late{stroke:var(--suspect);stroke-width:3}',
  '.hg .hg-limit{stroke:var(--ink);stroke-width:1.3}.hg-swatch{stroke:var(--ink);stroke-width:1.5}',
  '.hg .hg-now{stroke:var(--ink);stroke-dasharray:2 3}',
  '.hg .hg-cross{stroke:var(--ink);stroke-dasharray:none;fill:var(--ink)}',
  '.hg .hg-rain,.hg .hg-bars{fill:var(--rain);stroke:none}',
  '.hg .hg-forecast{stroke:var(--line);stroke-width:2;stroke-dasharray:4 2}',
  '.hg .hg-half{fill:var(--line);fill-opacity:.3}.hg .hg-most{fill:var(--line);fill-opacity:.14}',
  '.hg .hg-span{fill-opacity:.2;stroke:none}',
  ...levels.map((level) => `.hg .hg-span.hg-${level},.hg .hg-cross.hg-${level}{fill:var(--${level})}`),
  ...levels.map((level) => `.fill-${level}{fill:var(--${level})}`),
  '.ts-bar{stroke:var(--ink);stroke-width:1}.ts-missed{fill:var(--paper);stroke-width:1.6;stroke-dasharray:3 2}.ts-false{fill:var(--paper)}.hg .ts-cross{stroke:var(--ink);stroke-width:1.4}',
  '.hg .lc-offered{stroke-dasharray:3 3}.hg .lc-p99{stroke:var(--suspect)}.hg .lc-p999{stroke:var(--dim);stroke-width:1.5}',
  '.sk path{fill:none;stroke:var(--line);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}',
  '.sk .sk-limit{stroke:var(--dim);stroke-width:1;stroke-dasharray:3 2}.sk circle{fill:var(--line)}',
  '.rb path{stroke:none}.rb .rb-full{fill:var(--line)}.rb .rb-part{fill:var(--rain)}.rb .rb-suspect{fill:var(--suspect)}.rb .rb-none{fill:var(--hatch)}',
  '.rm text{font-size:13px;fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}',
  '.rm .rm-reach{fill:none;stroke:var(--rain);stroke-linecap:round}.rm .rm-flow{fill:var(--rain);stroke:none}',
  '.rm .rm-mark{stroke:var(--ink);stroke-width:1.5}.rm .rm-calm{fill:var(--paper)}.rm .rm-unknown{fill:var(--paper)}.rm .rm-unsure{stroke-dasharray:2.5 2}',
  '.rm .rm-corner{font-size:11px;font-weight:700}.rm .rm-note{fill:var(--dim)}.rm .rm-scale{stroke:var(--dim);stroke-width:1.5;fill:none}',
  '.rm a:focus-visible{outline:none}.rm a:focus-visible .rm-halo,.rm a.lit .rm-halo{stroke:var(--line);stroke-width:3;fill:var(--line);fill-opacity:.15}.rm .rm-halo{fill:var(--paper);fill-opacity:0}',
].join('\n')

/** What a figure carries when it stands alone: mail, download, print. Follows the reader's theme. */
export const standaloneStyle = `svg{${themeVariables('light')}}@media(prefers-color-scheme:dark){svg{${themeVariables('dark')}}}\n${figureStyle}`
