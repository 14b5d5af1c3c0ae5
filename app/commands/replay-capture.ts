import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { openCapture, replayCapture, type CaptureReplay } from '../capture/replay-capture.ts'
import { chosenServer, type ServerOptions } from './chosen-server.ts'
import { tellOnStderr } from './stderr.ts'
import { settingsOf, type SettingOptions } from './settings.ts'

export interface CaptureOptions extends SettingOptions, ServerOptions {
  speed: number | 'max'
  run?: string
  again?: boolean
  of?: string
  network?: string
  json?: boolean
}

/** `gaugekeeper replay <capture.jsonl>`: what a journal received, given to a run as it was received. */
export async function replayCaptureCommand(file: string, options: CaptureOptions): Promise<void> {
  const { client, close } = await chosenServer(options, settingsOf(options).config)
  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const done = await replayCapture(client, {
      ...{
        source: openCapture(file),
        run: options.run ?? null,
        again: options.again ?? false,
        tell: tellOnStderr,
        of: options.of ?? null,
        speed: options.speed,
      },
      network: options.network === undefined ? null : readFileSync(options.network, 'utf8'),
      now: () => performance.now(),
      sleep: (ms) => wait(ms, undefined, { signal: interrupt.signal }).catch(() => undefined),
      stopped: () => interrupt.signal.aborted,
      onProgress: (deliveries, receivedAt) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${deliveries} deliveries, received ${new Date(receivedAt).toISOString()} `)
      },
    })
    if (process.stderr.isTTY) process.stderr.write('\n')
    process.stdout.write(options.json ? `${JSON.stringify(done, null, 2)}\n` : lines(done))
    if (interrupt.signal.aborted) {
      process.stderr.write(`stopped: what was given so far stays in run ${done.run}; its replay begins anew under another name\n`)
      process.exitCode = 130
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
    await close()
  }
}

const lines = ({ run, accepted, leftOut, damaged, account }: CaptureReplay): string =>
  `run ${run}: ${accepted} deliveries and ticks given, ${leftOut} of others left out, ${damaged} lost in the journal that was captured\n` +
  `received ${account.received} = stored ${account.stored} + new versions ${account.versions} + duplicate ${account.duplicate} + quarantined ${account.quarantined}\n` +
  `warnings of the run: ${account.warnings}${account.moreWarnings ? ' or more' : ''}\n`
