import type { ComponentChildren } from 'preact'
import { Heads } from './heads.tsx'

/** A table under one row of heads, with a name for those who do not see it; where it is wider than the page it scrolls by itself. */
export function ScrollTable({ name, heads, children }: { name: string; heads: readonly string[]; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            <Heads names={heads} />
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
