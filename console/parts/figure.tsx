/** A figure of figures/, which has escaped its own words. */
export function Figure({ svg, name }: { svg: string; name?: string }) {
  return <span class={name ?? 'figure'} dangerouslySetInnerHTML={{ __html: svg }} />
}
