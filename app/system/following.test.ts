import { expect, test } from '@jest/globals'
import { pino } from 'pino'
import type { Committed } from '../../store/ports/ledger.ts'
import { realWorld } from '../clock.ts'
import { followCommits, type Follower, type Following } from './following.ts'
import { createLife, type Life } from './life.ts'

const commit = (number: number): Committed => ({ commit: number, rows: [], watermarks: [] })

/** A follower that writes down what it is asked; `start` ends when it is let. */
class Noted implements Follower {
  readonly did: string[] = []
  letStart: (error?: Error) => void = () => undefined
  async start(): Promise<void> {
    this.did.push('start')
    await new Promise<void>((resolve, reject) => (this.letStart = (error) => (error ? reject(error) : resolve())))
  }
  async consume({ commit: number }: Committed): Promise<void> {
    this.did.push(`commit ${number}`)
    if (number === 13) throw new Error('the store is away')
  }
  async catchUp(): Promise<void> {
    this.did.push('catch up')
  }
  async stop(): Promise<void> {
    this.did.push('stop')
  }
}

interface Followed {
  following: Following<Noted>
  made: Noted[]
  /** Lets the time of the next try come; false when none is planned. */
  tryAgain: () => boolean
  life: Life
}

function followed(): Followed {
  const made: Noted[] = []
  const tries: (() => void)[] = []
  const tryAgain = (): boolean => {
    const next = tries.shift()
    next?.()
    return next !== undefined
  }
  const life = createLife(() => undefined)
  const timers = { ...realWorld.timers, setTimeout: (work: () => void) => tries.push(work), clearTimeout: () => void tries.splice(0) }
  const following = followCommits('following', () => (made.push(new Noted()), made.at(-1) ?? new Noted()), {
    ...{ world: { ...realWorld, timers }, life, log: pino({ level: 'silent' }) },
  })
  return { following, made, tryAgain, life }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('commits that come while it reads back are left to the ledger; after that it takes them', async () => {
  const { following, made } = followed()
  following.consume(commit(1))
  expect(following.isUp()).toBe(false)
  made[0]?.letStart()
  await following.settled
  following.consume(commit(2))
  expect(made[0]?.did).toEqual(['start', 'catch up', 'commit 2'])
  expect({ up: following.isUp(), trouble: following.trouble() }).toEqual({ up: true, trouble: null })
})

test('a start that fails is told, and begun anew', async () => {
  const { following, made, tryAgain } = followed()
  made[0]?.letStart(new Error('the store is away'))
  await following.settled
  expect({ up: following.isUp(), trouble: following.trouble() }).toEqual({ up: false, trouble: 'the store is away' })
  tryAgain()
  made[1]?.letStart()
  await settled()
  expect({ made: made.length, up: following.isUp(), trouble: following.trouble() }).toEqual({ made: 2, up: true, trouble: null })
})

test('one that is up goes on where it stopped', async () => {
  const { following, made, tryAgain } = followed()
  made[0]?.letStart()
  await settled()
  following.consume(commit(13))
  await settled()
  expect(following.trouble()).toBe('the store is away')
  tryAgain()
  await settled()
  expect(made.map(({ did }) => did)).toEqual([['start', 'catch up', 'commit 13', 'catch up']])
  expect(following.trouble()).toBeNull()
})

test('at the end it is stopped, whether it is up or not, and is not begun again', async () => {
  const { made, tryAgain, life } = followed()
  made[0]?.letStart(new Error('the store is away'))
  await settled()
  await life.stop()
  expect(made[0]?.did).toEqual(['start', 'stop'])
  expect(tryAgain()).toBe(false)
})
