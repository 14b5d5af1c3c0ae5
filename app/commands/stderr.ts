/** A line for whoever sits at the terminal; stdout is for what was asked for. */
export const tellOnStderr = (line: string): void => void process.stderr.write(`${line}\n`)
