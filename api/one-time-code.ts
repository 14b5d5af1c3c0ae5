/** Random letters and digits that are not mistaken for each other, in groups of four (20 bits each): `k7fm-2qxa-…` */
export function oneTimeCode(randomBytes: (size: number) => Uint8Array, groups: number): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const length = groups * 4
  // 31 letters: bytes of 248 and up would favour some, so they are drawn again
  let text = ''
  while (text.length < length) for (const byte of randomBytes(32)) if (byte < 248 && text.length < length) text += letters[byte % 31]
  return text.replace(/.{4}(?=.)/g, '$&-')
}
