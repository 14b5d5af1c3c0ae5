/**
 * How many a second of CPU time `run` does, which returns how many it has done: so that it does not matter what else runs. The best of
 * twelve turns, after one to warm up.
 */
export function cpuRate(run: () => number): number {
  let best = 0
  for (let turn = 0; turn < 13; turn++) {
    const begun = process.cpuUsage()
    const done = run()
    const { user, system } = process.cpuUsage(begun)
    if (turn > 0) best = Math.max(best, (done * 1_000_000) / (user + system))
  }
  return best
}
