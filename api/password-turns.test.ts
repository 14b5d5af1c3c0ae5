import { expect, test } from '@jest/globals'
import { createPasswordTurns } from './password-turns.ts'

const guesser = '192.0.2.1'

async function guessed() {
  const clock = { now: 0 }
  const turns = createPasswordTurns({ now: () => clock.now, wrongPasswords: 2 })
  const order: string[] = []
  const take = (user: string, address = guesser) => {
    const turn = turns.turn(address, user, () => void order.push(`${user} waits`))
    return turn.then(
      (attempt) => (order.push(user), attempt),
      (error: unknown) => (order.push(`${user} ${(error as { code: string }).code}`), null),
    )
  }
  await Promise.all([take('admin'), take('admin')])
  return { clock, take, told: () => order.splice(0) }
}

test('names take turns once their address has guessed, and other addresses do not wait', async () => {
  const { take, told, clock } = await guessed()
  expect(told()).toEqual(['admin', 'admin'])
  const all = [take('admin'), take('admin'), take('admin'), take('lin')]
  await take('wang', '192.0.2.2')
  await Promise.all(all)
  expect(told()).toEqual([...['admin waits', 'admin waits', 'admin waits', 'lin waits'], 'wang', 'admin', 'lin', 'admin', 'admin'])
  clock.now = 60_001
  await take('admin')
  expect(told()).toEqual(['admin'])
})

test('twenty may wait; one more of the name with most of them is refused, for another name one of those goes', async () => {
  const { take, told } = await guessed()
  const guesses = Array.from({ length: 21 }, () => take('admin'))
  await guesses[20]
  expect(told().slice(-1)).toEqual(['admin too-many'])
  const lin = take('lin')
  await guesses[19]
  expect(told()).toEqual(['lin waits', 'admin too-many'])
  expect(await lin).not.toBeNull()
  await Promise.all(guesses)
  expect(told().filter((one) => one === 'admin')).toHaveLength(19)
})

test('a right password does not count', async () => {
  const turns = createPasswordTurns({ now: () => 0, wrongPasswords: 2 })
  let waited = 0
  for (let n = 0; n < 5; n += 1) (await turns.turn(guesser, 'lin', () => void waited++)).forgive()
  expect(waited).toBe(0)
})
