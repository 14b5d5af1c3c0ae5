// A table: factors of HJ 212-2017 (table B.2) that the parameter catalogue does not have: their units could not be read.

/** Code -> Chinese name, so that a factor that cannot be stored is at least called by its name. Codes of air and water in small letters. */
export const otherFactors: ReadonlyMap<string, string> = new Map([
  ['a24047', '1,1-二氯乙烯'],
  ['a31025', '2-丁酮'],
  ['a34011', '降尘'],
])
