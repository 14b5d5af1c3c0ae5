interface Terminal {
  isTTY?: boolean
  write: (text: string) => unknown
}

/** A line that counts, on a terminal only; a few times a second. */
export function createProgressBar(terminal: Terminal, total: number): { show: (done: number, note: string) => void; end: () => void } {
  const width = 30
  let shownAt = 0
  const draw = (done: number, note: string): void => {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const full = Math.round(share * width)
    terminal.write(`\r${'█'.repeat(full)}${'░'.repeat(width - full)} ${(share * 100).toFixed(1)} %  ${done} of ${total}  ${note}`)
  }
  return {
    show: (done, note) => {
      const now = performance.now()
      if (!terminal.isTTY || now - shownAt < 200) return
      shownAt = now
      draw(done, note)
    },
    end: () => void (terminal.isTTY && terminal.write('\n')),
  }
}
