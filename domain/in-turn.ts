/** Does one work after the other, in the order asked; one that rejects keeps back none of those behind it. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** A line of its own: works of two lines may overlap. */
export function takeTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}
