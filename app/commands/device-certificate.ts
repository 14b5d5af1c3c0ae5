import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { CommandError } from '../errors.ts'
import { writeSecret } from '../server-file.ts'
import { localServer, type ApiClient } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface Note {
  serial: string
  from: number
  until: number
  revokedAt: number | null
}

interface Issued {
  certificate: Note
  pem: string
  key: string | null
  authority: string
}

interface IssueOptions extends SettingOptions {
  days: string
  out: string
  request?: string
  overlap?: string
}

const server = (options: SettingOptions): ApiClient => localServer(settingsOf(options).config.server.data)
const placeOf = (device: string): string => `/api/v1/devices/${encodeURIComponent(device)}/certificates`
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** `gaugekeeper devices certificate issue|renew|list|revoke|authority` */
export function addDeviceCertificate(devices: Command): void {
  const certificate = devices.command('certificate').description('certificates with which devices log in over TLS')
  addIssue(certificate, 'issue', 'make a certificate for a device; those it has stay').action(issue)
  addIssue(certificate, 'renew', 'make a new certificate for a device; those before end after the overlap')
    .option('--overlap <time>', 'how much later those before end', '7d')
    .action(issue)
  withSettings(certificate.command('list').argument('<device>', 'device id').description('each with its serial and its end')).action(list)
  withSettings(
    certificate
      .command('revoke')
      .argument('<device>', 'device id')
      .argument('<serial>', 'as the list shows it')
      .description('end a certificate and cut the connection that logged in with it; `devices revoke` ends all, and the secret'),
  ).action(async (device: string, serial: string, options: SettingOptions) => {
    await server(options).send('DELETE', `${placeOf(device)}/${encodeURIComponent(serial)}`)
    print(`${serial} revoked`)
  })
  withSettings(certificate.command('authority').description('the certificate of the device CA, PEM')).action(
    async (options: SettingOptions) => {
      for await (const chunk of await server(options).stream('/api/v1/certificates/authority')) process.stdout.write(chunk)
    },
  )
}

const addIssue = (certificate: Command, name: string, description: string): Command =>
  withSettings(certificate.command(name).argument('<device>', 'device id').description(description))
    .option('--days <n>', 'how long it is good', '365')
    .option('--out <folder>', 'where its files are written', '.')
    .option('--request <file>', 'sign this request (PKCS #10, PEM) rather than making a key: the key stays with the device')

/** Writes the certificate, its key (mode 0600) and that of the CA; names them on stdout. Nothing is overwritten but the CA's. */
async function issue(device: string, options: IssueOptions): Promise<void> {
  const { days, overlap, request } = options
  mustTakeFiles(options.out)
  const body = { days: Number(days), ...(overlap !== undefined && { overlap }), ...(request && { request: readFileSync(request, 'utf8') }) }
  const { certificate, pem, key, authority } = await server(options).send<Issued>('POST', placeOf(device), body)
  const file = (name: string): string => path.join(options.out, name)
  const own = `${device}-${certificate.serial.slice(0, 8).toLowerCase()}`
  if (key !== null) writeSecret(file(`${own}.key`), key.trimEnd())
  writeFileSync(file(`${own}.crt`), pem)
  writeFileSync(file('ca.crt'), authority)
  for (const name of [`${own}.crt`, ...(key === null ? [] : [`${own}.key`]), 'ca.crt']) print(file(name))
  process.stderr.write(`${certificate.serial} is good until ${new Date(certificate.until).toISOString()}\n`)
}

/** Looked at before the server is asked: a certificate whose key finds no place would be issued and its key lost. Throws, exit 2. */
function mustTakeFiles(folder: string): void {
  const wrong = whyNoFiles(folder)
  if (wrong !== null) throw new CommandError('config-invalid', `issuing a certificate: --out ${folder}: ${wrong}; nothing was issued`, 2)
}

function whyNoFiles(folder: string): string | null {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return 'there is no such folder; make it first'
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return null
  } catch {
    return 'nothing can be written there'
  }
}

async function list(device: string, options: SettingOptions): Promise<void> {
  const { certificates } = await server(options).get<{ certificates: Note[] }>(placeOf(device))
  for (const { serial, from, until, revokedAt } of certificates) {
    const end = revokedAt === null ? '' : `  revoked ${new Date(revokedAt).toISOString()}`
    print(`${serial}  ${new Date(from).toISOString()} to ${new Date(until).toISOString()}${end}`)
  }
}
