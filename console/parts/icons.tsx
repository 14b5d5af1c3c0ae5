const paths = {
  overview: 'M3 20V9l6-5 6 4 6-4v12l-6 4-6-4-6 4zM9 4v12M15 8v12',
  stations: 'M4 6h16M4 12h16M4 18h10',
  warnings: 'M12 3 2.5 20h19zM12 10v4M12 17v.5',
  devices: 'M5 8h14v12H5zM9 8V4M15 4v4M9 14h6',
  simulator: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM10 8.5l6 3.5-6 3.5z',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  theme: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21',
} as const

export type IconName = keyof typeof paths

/** A line drawing beside a word that says the same: hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
