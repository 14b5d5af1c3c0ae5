import { readFileSync } from 'node:fs'
import { setInterval } from 'node:timers'

/**
 * Loaded before a program (node --import), it shifts its system clock by the milliseconds that stand in the file TEST_CLOCK_SHIFT, as
 * somebody who sets the clock of the machine. Timers and the monotonic clock go on.
 */
const file = process.env.TEST_CLOCK_SHIFT ?? ''
const SystemDate = Date
let shift = 0
const read = () => (shift = Number(readFileSync(file, 'utf8')) || 0)
read()
setInterval(read, 20).unref()

globalThis.Date = class extends SystemDate {
  constructor(...given) {
    super(...(given.length === 0 ? [SystemDate.now() + shift] : given))
  }
  static now() {
    return SystemDate.now() + shift
  }
}
