import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { parse } from 'yaml'
import { createFleet } from '../domain/fleet.ts'
import { runId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { warningOf } from '../store/testing/rows.ts'
import { NotifyConfig } from './config.ts'
import { messageOf } from './message.ts'
import { createChannels } from './registry.ts'

const page = readFileSync(new URL('../docs/notifications.md', import.meta.url), 'utf8')
const block = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''

test('the documented configuration works', () => {
  const { notify } = parse(block('yaml')) as { notify: NotifyConfig }
  expect([...Value.Errors(NotifyConfig, notify)]).toEqual([])
  expect(createChannels(notify.channels, { now: () => 0, log: () => undefined }).map(({ name }) => name)).toEqual(['log', 'duty-desk'])
})

test('the documented message is what goes out', () => {
  const stations = [{ id: 'qingxi', name: { en: 'Qingxi', zh: '清溪站' }, kind: 'river', sensors: [{ parameter: 'water_level' }] }]
  const network = readNetwork({ network: { id: 'demo', timeZone: 'Asia/Shanghai' }, stations, devices: [] }, { file: null, run: null })
  const fleet = createFleet([network])
  expect(JSON.parse(block('json'))).toEqual(messageOf(warningOf(), 'raised', fleet))
  expect(messageOf(warningOf({ run: runId('demo') }), 'raised', fleet).data.status).toBe('Exercise')
})
