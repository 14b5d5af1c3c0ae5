import type { CarriedAmendment } from '../../domain/amendment.ts'
import type { ObservationVersion } from '../../domain/observation.ts'
import { testsIn } from '../../domain/quality-tests.ts'
import type { Store } from '../../store/ports/store.ts'
import type { ObservationKey } from '../../store/ports/telemetry.ts'
import { csvMoment, type CsvCell } from '../csv.ts'
import type { VersionList } from '../schemas/amendment.ts'
import { amendmentNote } from './amendment.ts'
import { observationRow } from './observation.ts'

type VersionNote = VersionList['versions'][number]

/** How far around a reading the one is looked for that changed its flag, ms: nearly always the next or the one before. */
const aroundMs = 86_400_000

/** The story of one key, oldest first. */
export async function versionNotes(
  { telemetry, ledger }: Pick<Store, 'telemetry' | 'ledger'>,
  key: ObservationKey,
): Promise<VersionNote[]> {
  const versions = await telemetry.versions(key)
  const deliveries = [...new Set(versions.map(({ delivery }) => delivery))]
  const made = new Map((await ledger.amendments({ deliveries })).map((one) => [one.delivery, one]))
  const beside = versions.some(({ judged }) => judged !== undefined) ? await readBeside(telemetry, key) : new Map<number, number>()
  return versions.map((one, i) => versionNote(one, versions[i - 1], { made, beside }))
}

/** Delivery -> moment of its nearest reading of the series. */
async function readBeside(telemetry: Store['telemetry'], { series, observedAt }: ObservationKey): Promise<Map<number, number>> {
  const near = await telemetry.range({ series: [series], from: observedAt - aroundMs, to: observedAt + aroundMs })
  const farthestFirst = near.sort((a, b) => Math.abs(b.observedAt - observedAt) - Math.abs(a.observedAt - observedAt))
  return new Map(farthestFirst.map((row) => [row.delivery, row.observedAt]))
}

interface Causes {
  made: ReadonlyMap<number, CarriedAmendment>
  beside: ReadonlyMap<number, number>
}

function versionNote(version: ObservationVersion, before: ObservationVersion | undefined, { made, beside }: Causes): VersionNote {
  const isJudged = before !== undefined && before.delivery === version.delivery && before.value === version.value
  const by = isJudged ? undefined : made.get(version.delivery)
  const { knownAt, version: number, judged } = version
  return {
    ...observationRow(version),
    version: number,
    knownAt,
    made: isJudged ? 'judged' : by !== undefined ? 'corrected' : before === undefined ? 'received' : 'revised',
    judgement:
      judged === undefined
        ? null
        : {
            delivery: judged.delivery,
            beside: beside.get(judged.delivery) ?? null,
            raised: testsIn(version.tests & ~(before?.tests ?? 0)),
            withdrawn: testsIn((before?.tests ?? 0) & ~version.tests),
          },
    correction: by === undefined ? null : amendmentNote(by),
  }
}

const columns = ['version', 'known_at', 'made', 'value', 'flag', 'tests', 'device', 'delivery', 'judged_by', 'beside', 'by', 'reason']

/** The same as lines of a table, with a head. */
export function versionLines(notes: readonly VersionNote[]): CsvCell[][] {
  return [
    columns,
    ...notes.map(({ version, knownAt, made, value, flag, tests, device, delivery, judgement, correction }) => {
      const beside = judgement?.beside ?? null
      const cause = [
        judgement?.delivery ?? null,
        beside === null ? null : csvMoment(beside),
        correction?.by ?? null,
        correction?.reason ?? null,
      ]
      return [version, csvMoment(knownAt), made, value, flag, tests.join(' '), device, delivery, ...cause]
    }),
  ]
}
