// A table: factors of HJ 212-2017 (tables B.1, B.2, annex C.25-C.28) that the parameter catalogue does not have yet.

/** Code -> Chinese name, so that a factor that cannot be stored is at least called by its name. Codes of air and water in small letters. */
export const otherFactors: ReadonlyMap<string, string> = new Map(
  `
a24016 1,1-二氯乙烷
a24017 1,2-二氯乙烷
a24018 1,1,1-三氯乙烷
a24019 1,1,2-三氯乙烷
a24020 1,1,2,2-四氯乙烷
a24027 1,2-二氯丙烷
a24034 1,2-二溴乙烷
a24047 1,1-二氯乙烯
a24054 1,3-二氯丙烯
a24072 1,4-二恶烷
a24078 1,3-丁二烯
a25006 1,2-二甲基苯
a25007 1,3-二甲基苯
a25008 1,4-二甲基苯
a25011 1,2-二氯苯
a25012 1,3-二氯苯
a25013 1,4-二氯苯
a25014 1-乙基-4-甲基苯
a25015 1,2,4-三氯苯
a25019 1,2,4-三甲基苯
a25020 1,2,3-三甲基苯
a25021 1,3,5-三甲基苯
a31025 2-丁酮
a34011 降尘
L5 累积百分声级
L10 累积百分声级
L50 累积百分声级
L90 累积百分声级
L95 累积百分声级
Ldn 昼夜等效声级
Ld 昼间等效声级
Ln 夜间等效声级
`
    .trim()
    .split('\n')
    .map((line): [string, string] => [line.slice(0, line.indexOf(' ')).toLowerCase(), line.slice(line.indexOf(' ') + 1)]),
)
