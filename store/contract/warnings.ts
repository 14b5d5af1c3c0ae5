import { describe, expect, test } from '@jest/globals'
import type { Ledger } from '../ports/ledger.ts'
import type { WarningQuery, WarningStore } from '../ports/warnings.ts'
import { runId, stationId, warningId } from '../../domain/ids.ts'
import { commitOf, hour, start, warningOf } from '../testing/rows.ts'
import { opener } from './opened.ts'

export interface WithWarnings {
  warnings: WarningStore
  ledger: Ledger
  close(): Promise<void>
}

export function describeWarnings(name: string, openOne: () => Promise<WithWarnings>): void {
  const open = opener(openOne)
  const acknowledged = { by: '值班员 "王"', at: start + 2 * hour, note: null }
  const second = warningOf({ version: 2, level: 'red', changedAt: start + 2 * hour })

  describe(`${name}: warnings`, () => {
    test('every version is kept, the newest is the warning', async () => {
      const { warnings } = await open()
      await warnings.putWarnings([warningOf(), second], null)
      expect(await warnings.warning(second.id)).toEqual(second)
      expect(await warnings.warningVersions(second.id)).toEqual([warningOf(), second])
      expect(await warnings.warning(warningId('none'))).toBeNull()
      expect(await warnings.warningVersions(warningId('none'))).toEqual([])
      expect(await warnings.warnings({})).toEqual([second])
    })

    test('a version that is already kept is left as it is', async () => {
      const { warnings } = await open()
      await warnings.putWarnings([warningOf(), second], null)
      await warnings.putWarnings([warningOf({ level: 'blue' }), warningOf({ version: 2, level: 'blue' }), warningOf({ version: 2 })], null)
      expect(await warnings.warningVersions(second.id)).toEqual([warningOf(), second])
      expect(await warnings.warnings({})).toEqual([second])
      const third = warningOf({ version: 3, state: 'cleared', endedAt: start + 3 * hour })
      await warnings.putWarnings([third], null)
      expect(await warnings.warnings({})).toEqual([third])
    })

    test('the place of the reader moves with its warnings', async () => {
      const { warnings, ledger } = await open()
      for (let i = 0; i < 3; i += 1) await ledger.commit(commitOf([]))
      await warnings.putWarnings([warningOf()], { reader: 'analytics', commit: 2 })
      expect(await ledger.readerCursor('analytics')).toBe(2)
      await warnings.putWarnings([], { reader: 'analytics', commit: 3 })
      expect(await ledger.readerCursor('analytics')).toBe(3)
    })

    test('lists are the newest onset first and narrow by state, station, change and acknowledgement', async () => {
      const { warnings } = await open()
      const all = [
        warningOf({ id: warningId('a'), onset: start }),
        warningOf({ id: warningId('b'), onset: start + hour, state: 'cleared', changedAt: start + 5 * hour, run: runId('r') }),
        warningOf({ id: warningId('c'), onset: start + 2 * hour, station: stationId('下游') }),
        warningOf({ id: warningId('d'), onset: start + 3 * hour, marks: { ...warningOf().marks, acknowledged } }),
      ]
      await warnings.putWarnings(all, null)
      const ids = async (query: WarningQuery): Promise<string> => (await warnings.warnings(query)).map(({ id }) => id).join('')
      expect(await ids({})).toBe('dcba')
      expect(await ids({ limit: 2 })).toBe('dc')
      expect(await ids({ states: ['cleared', 'expired'] })).toBe('b')
      expect(await ids({ states: ['active', 'cleared'] })).toBe('dcba')
      expect(await ids({ states: [] })).toBe('')
      expect(await ids({ stations: [stationId('下游')] })).toBe('c')
      expect(await ids({ stations: [stationId('下游'), warningOf().station] })).toBe('dcba')
      expect(await ids({ stations: [] })).toBe('')
      expect(await ids({ since: start + 5 * hour })).toBe('b')
      expect(await ids({ acknowledged: true })).toBe('d')
      expect(await ids({ acknowledged: false, states: ['active'], limit: 1 })).toBe('c')
      expect(await ids({ stations: [stationId("x' or 1=1 --")] })).toBe('')
    })
  })
}
