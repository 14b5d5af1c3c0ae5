import { expect, test } from '@jest/globals'
import { createLog, type Log } from './log.ts'

let written = 0
const logged = (monotonic: () => number): Log =>
  createLog({ level: 'info', isTerminal: false, monotonic, out: { write: () => void (written += 1) } })

test('a line that repeats itself is told ten times a minute, then how many were left out', () => {
  let now = 0
  const { log, recent } = logged(() => now)
  const fault = (): void => log.fatal({ err: Object.assign(new Error('refused'), { code: 'store-unavailable' }) }, `appending ${now} rows`)
  for (let i = 0; i < 500; i += 1) fault()
  log.fatal('something else')
  expect(recent().map(({ message }) => message)).toEqual([...Array<string>(10).fill('appending 0 rows'), 'something else'])
  expect(written).toBe(11)
  now = 60_000
  fault()
  expect(recent().at(-1)).toEqual({ level: 'fatal', message: 'appending 60000 rows', leftOut: 490, cause: 'refused' })
})

test('what is kept of the log is bounded', () => {
  const { log, recent } = logged(() => 0)
  for (let i = 0; i < 2_000; i += 1) log.fatal(`line ${i}`)
  expect(recent().length).toBe(300)
  expect(recent().at(-1)?.message).toBe('line 1999')
})
