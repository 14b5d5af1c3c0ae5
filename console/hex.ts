const perLine = 16

/** The first bytes of some, 16 a line: offset, hexadecimal, and what of it is ASCII. */
export function hexLines(bytes: Uint8Array, most = 1_024): string {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += perLine) {
    const row = [...bytes.subarray(at, Math.min(at + perLine, most))]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(perLine * 3)} ${text}`)
  }
  return [...lines, ...(bytes.length > most ? ['…'] : [])].join('\n')
}
