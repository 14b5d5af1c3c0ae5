import { expect, test } from '@jest/globals'
import { takes } from './filter.ts'

test('a filter takes the topics that MQTT says it does', () => {
  const taken = (filter: string, topics: Record<string, boolean>) => {
    for (const [topic, expected] of Object.entries(topics))
      expect({ filter, topic, taken: takes(filter, topic) }).toMatchObject({ taken: expected })
  }
  taken('warnings/#', { warnings: true, 'warnings/a': true, 'warnings/a/w1': true, 'warning/a/w1': false, 'observations/a/b/1': false })
  taken('warnings/+/+', { 'warnings/a/w1': true, 'warnings/a': false, 'warnings/a/w1/x': false, 'warnings//w1': true })
  taken('observations/+/flow/#', { 'observations/a/flow/1': true, 'observations/a/flow': true, 'observations/a/level/1': false })
  taken('warnings/a/w1', { 'warnings/a/w1': true, 'warnings/a/w2': false, 'warnings/a': false })
  taken('#', { a: true, 'a/b': true })
})
