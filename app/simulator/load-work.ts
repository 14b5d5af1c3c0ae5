import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { LoadRequest } from '../../api/schemas/simulation.ts'
import type { LoadNote } from '../../api/schemas/simulation-load.ts'
import { loadInProcesses } from '../../devices-sim/load/processes.ts'
import type { LoadReport, SecondNote } from '../../devices-sim/load/report.ts'
import { formatDuration } from '../../domain/time.ts'
import { realWorld } from '../clock.ts'
import { lossOf } from '../load/outcome.ts'
import { ownOpenFiles, tooFewFiles } from '../load/open-files.ts'
import { noReadingIn, orderOf } from '../load/plan.ts'
import { plainDoor, provision } from '../load/target.ts'
import { watchServer, type ServerWatch } from '../load/watched-server.ts'
import type { Outcome } from './channel.ts'
import type { WorkParts } from './work.ts'

/** At most; the server needs the rest of the machine. */
const mostProcesses = 4

/** Lets many devices send a reading so often each, as `gaugekeeper load` does; one that is stopped early is counted all the same. */
export async function makeLoad({ devices, minutes, every }: LoadRequest, { run, client, tell, stop }: WorkParts): Promise<Outcome> {
  const everyMs = every * 1_000
  const wish = { devices, minutes, everyMs, profile: 'steady', window: null, speed: 1, rate: null, churn: null } as const
  const processes = Math.min(mostProcesses, availableParallelism())
  // the server that started this process has the same limit
  const wrong = noReadingIn(wish, processes) ?? tooFewFiles({ devices, processes, ownLimit: ownOpenFiles(), server: 'own' })
  if (wrong !== null) throw new Error(wrong)
  const begun = realWorld.monotonic()
  const sofar = new LoadSoFar()
  const watch = watchServer(client, realWorld.monotonic)
  try {
    const target = await provision(client, run, devices, formatDuration(everyMs), plainDoor(client))
    const report = await loadInProcesses(
      { ...target, ...orderOf(wish, realWorld.now()), early: true },
      {
        processes,
        fork: () => fork(process.argv[1] ?? '', ['load']),
        onOpened: (count) => tell({ load: sofar.open(count) }),
        onSecond: (second) => {
          const load = sofar.add(second, realWorld.monotonic() - begun)
          tell({ load })
          tell({ progress: progressOf(load.timeline) })
        },
        onStoppable: (end) => {
          tell({ phase: 'sending' })
          if (stop.aborted) end()
          stop.addEventListener('abort', end)
        },
      },
    )
    tell({ phase: 'settling' })
    const account = await target.account(report.acknowledged)
    const loss = lossOf({ target: client.mqtt, report, account, server: null })
    const load = sofar.end(report, loss, await watch.end())
    tell({
      progress: { ...progressOf(load.timeline), values: report.offered, messages: report.offered, acknowledged: report.acknowledged },
    })
    return { account, truth: null, figures: { ...loss }, isDone: !stop.aborted, results: { load } }
  } finally {
    await watch.end()
  }
}

const progressOf = (timeline: LoadNote['timeline']) => {
  const [offered, acknowledged] = [sum(timeline, 'offered'), sum(timeline, 'acknowledged')]
  return { at: realWorld.now(), messages: offered, values: offered, acknowledged, rejoined: 0 }
}

const sum = (timeline: LoadNote['timeline'], name: 'offered' | 'acknowledged'): number =>
  timeline.reduce((total, second) => total + second[name], 0)

/** What a load has come to so far, second by second. */
class LoadSoFar {
  #note: LoadNote = {
    ...{ connected: 0, firstReadingMs: null, unacknowledged: 0, lost: null, doubled: null, serverBytes: null, timeline: [] },
    latencyMs: { p50: null, p99: null, p999: null },
  }

  open(connected: number): LoadNote {
    return (this.#note = { ...this.#note, connected })
  }

  /** @param sinceMs since the order */
  add(newest: SecondNote, sinceMs: number): LoadNote {
    const timeline = [...this.#note.timeline.filter(({ second }) => second !== newest.second), newest]
    const { p50, p99, p999, connected } = newest
    const firstReadingMs = this.#note.firstReadingMs ?? (newest.acknowledged > 0 ? Math.round(sinceMs) : null)
    const unacknowledged = sum(timeline, 'offered') - sum(timeline, 'acknowledged')
    return (this.#note = { ...this.#note, timeline, connected, firstReadingMs, unacknowledged, latencyMs: { p50, p99, p999 } })
  }

  end(
    { unacknowledged, latencyMs, timeline, devices }: LoadReport,
    loss: { lost: number; doubled: number },
    server: ServerWatch,
  ): LoadNote {
    const { first, most, last } = server.residentBytes
    const serverBytes = [first, most, last].every(Number.isFinite) ? { first, most, last } : null
    return { ...this.#note, ...loss, unacknowledged, latencyMs, timeline, serverBytes, connected: devices }
  }
}
