import { writeFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { InvalidArgumentError, type Command } from 'commander'
import type { SystemState } from '../../api/schemas/system.ts'
import { parseDuration } from '../../domain/time.ts'
import { realWorld } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { CommandError } from '../errors.ts'
import { readServerFile } from '../server-file.ts'
import { clientOf, localServer } from './client.ts'
import { addCompleteness } from './completeness.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

type Finding = SystemState['problems'][number]

/** `gaugekeeper doctor`: what somebody should mend; exit 5 when there is something that does not work. */
export function addDoctor(program: Command): void {
  const doctor = withSettings(
    program.command('doctor').description('look for what is wrong, and say what to do; exit 5 when something fails'),
  )
    .option('--json', 'one JSON document')
    .option('--wait <duration>', 'wait so long for everything to work, e.g. 60s', asDuration, 0)
    .option('--started', 'ask only whether the server runs and answers: it keeps what comes in while its store is away')
    .option('--deep', 'first have the server read its whole store, for damage that nobody has met yet: 0.2 s a million readings')
    .action(async (options: SettingOptions & { json?: boolean; wait: number; started?: boolean; deep?: boolean }) => {
      const { config } = settingsOf(options)
      if (options.deep === true) await localServer(config.server.data).send('POST', '/cli/verify')
      const findings = await findingsWithin(config, options.wait, options.started ? isItsServer : fails)
      if (options.json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`)
      else for (const { severity, name, what, todo } of findings) process.stdout.write(`${severity}  ${name}: ${what}\n  → ${todo}\n`)
      const failures = findings.filter(options.started ? isItsServer : fails).length
      if (failures > 0)
        throw new CommandError('check-failed', `looking over the system: ${failures} of ${findings.length} findings are failures`, 5)
      if (!options.json) process.stdout.write(findings.length === 0 ? 'all is well\n' : 'it works\n')
    })
  withSettings(
    doctor
      .enablePositionalOptions()
      .command('bundle')
      .argument('<file>', 'gzipped JSON file to write')
      .description('what somebody needs who helps from afar; no secrets in it'),
  ).action(async (file: string, options: SettingOptions) => {
    const bundle = await localServer(settingsOf(options).config.server.data).get<unknown>('/cli/support')
    writeFileSync(file, await promisify(gzip)(JSON.stringify(bundle, null, 2)), { mode: 0o600 })
    process.stdout.write(`${file}\n`)
  })
  addCompleteness(doctor)
}

const fails = ({ severity }: Finding): boolean => severity === 'failure'
const isItsServer = ({ name }: Finding): boolean => name === 'server'

/** Looks again every second while a finding is in the way, for so many ms. */
async function findingsWithin(config: Settings, waitMs: number, isInTheWay: (finding: Finding) => boolean): Promise<Finding[]> {
  const end = realWorld.monotonic() + waitMs
  for (;;) {
    const findings = [...(await ofThisMachine(config)), ...(await ofTheServer(config))]
    if (!findings.some(isInTheWay) || realWorld.monotonic() >= end) return findings
    await new Promise((resolve) => realWorld.timers.setTimeout(() => resolve(null), 1_000))
  }
}

function asDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('a length of time is written like 60s')
  return ms
}

async function ofThisMachine({ server, journal }: Settings): Promise<Finding[]> {
  const findings: Finding[] = []
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    findings.push({ name: 'node', severity: 'failure', what: `this is Node ${process.versions.node}`, todo: 'install Node 20.19 or newer' })
  const disk = await statfs(server.data).catch(() => null)
  if (disk === null)
    findings.push({
      name: 'data',
      severity: 'attention',
      what: `there is no data folder ${server.data}`,
      todo: 'npm start makes it; or name it with --data',
    })
  else if (disk.bavail * disk.bsize < journal.minFreeBytes)
    findings.push({
      name: 'disk',
      severity: 'failure',
      what: `${server.data} has ${disk.bavail * disk.bsize} bytes free`,
      todo: 'free some space',
    })
  return findings
}

async function ofTheServer({ server }: Settings): Promise<Finding[]> {
  const running = readServerFile(server.data)
  if (running === null)
    return [
      {
        name: 'server',
        severity: 'failure',
        what: `no server runs on ${server.data}`,
        todo: 'start one with npm start, or name its folder with --data',
      },
    ]
  const { problems } = await clientOf(running).get<SystemState>('/api/v1/system')
  return problems
}
