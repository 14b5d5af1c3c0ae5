import { expect, test } from '@jest/globals'
import type { Command } from '../domain/command.ts'
import { deviceId } from '../domain/ids.ts'
import { createMqttCommands, type MqttCommands } from './commands.ts'
import { inbox, login, openBroker, until } from './testing/brokers.ts'

const resend: Command = { kind: 'resend', from: 0, to: 3_600_000, everyMs: null }

interface Line {
  commands: MqttCommands
  port: number
  /** Lets the time run out for those that wait. */
  expire(): void
}

async function openLine(): Promise<Line> {
  const late = new Set<() => void>()
  let count = 0
  const opened = await openBroker({ onReply: (device, id, payload) => commands.reply(device, id, payload) })
  const commands = createMqttCommands({
    broker: () => opened.broker,
    nextId: () => `c${++count}`,
    now: () => 7,
    timers: { setTimeout: (run) => (late.add(run), run), clearTimeout: (run) => late.delete(run as () => void) },
  })
  return { commands, port: opened.port, expire: () => [...late].forEach((run) => run()) }
}

test('a command goes down with an id, and the reply to it comes back', async () => {
  const { commands, port } = await openLine()
  const client = await login(port, 'rtu-1')
  const messages = inbox(client)
  await client.subscribeAsync('devices/rtu-1/commands', { qos: 1 })
  const answered = async (command: Command, reply: string, expected: Record<string, unknown>) => {
    const count = messages.length
    const answer = commands.send(deviceId('rtu-1'), command)
    await until(() => messages.length > count)
    await client.publishAsync(`devices/rtu-1/commands/c${count + 1}/reply`, reply, { qos: 1 })
    expect(await answer).toMatchObject(expected)
  }
  await answered(resend, '{"outcome":"done","detail":"12 readings"}', { outcome: 'done', detail: '12 readings' })
  await answered({ kind: 'sync-clock' }, '{"outcome":"unsupported","more":1}', { outcome: 'unsupported' })
  await answered({ ...resend, statistic: 'mean' }, '{"outcome":"done"}', { outcome: 'done' })
  await answered({ kind: 'sample-now' }, 'yes', { outcome: 'refused', detail: expect.stringContaining('no reply') as unknown })
  expect(messages).toEqual([
    'devices/rtu-1/commands {"id":"c1","kind":"resend","from":0,"to":3600000,"everyMs":null}',
    'devices/rtu-1/commands {"id":"c2","kind":"sync-clock","now":7}',
    'devices/rtu-1/commands {"id":"c3","kind":"resend","from":0,"to":3600000,"everyMs":null}',
    'devices/rtu-1/commands {"id":"c4","kind":"sample-now"}',
  ])
})

test('who does not listen is unreachable, who does not answer is given up', async () => {
  const { commands, port, expire } = await openLine()
  expect((await commands.send(deviceId('rtu-1'), resend)).outcome).toBe('unreachable')
  const client = await login(port, 'rtu-1')
  await client.subscribeAsync('devices/rtu-1/commands')
  const answer = commands.send(deviceId('rtu-1'), resend)
  expire()
  expect((await answer).outcome).toBe('no-answer')
})

test('a reply counts only from the device that was asked, and only for a command that waits', async () => {
  const { commands, port, expire } = await openLine()
  const client = await login(port, 'rtu-1')
  await client.subscribeAsync('devices/rtu-1/commands')
  const answer = commands.send(deviceId('rtu-1'), resend)
  commands.reply(deviceId('rtu-2'), 'c1', Buffer.from('{"outcome":"done"}'))
  commands.reply(deviceId('rtu-1'), 'c9', Buffer.from('{"outcome":"done"}'))
  expire()
  expect((await answer).outcome).toBe('no-answer')
})

test('commands that wait are bounded for each device', async () => {
  const { commands, port, expire } = await openLine()
  const client = await login(port, 'rtu-1')
  await client.subscribeAsync('devices/rtu-1/commands')
  const waiting = Array.from({ length: 9 }, () => commands.send(deviceId('rtu-1'), resend))
  expect(await waiting[8]).toMatchObject({ outcome: 'unreachable', detail: expect.stringContaining('too many') as unknown })
  expire()
  expect((await Promise.all(waiting.slice(0, 8))).map(({ outcome }) => outcome)).toEqual(Array(8).fill('no-answer'))
})
