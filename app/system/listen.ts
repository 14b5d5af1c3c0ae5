import { CommandError } from '../errors.ts'

/** Runs a listen call; a taken port or a forbidden address becomes one clear line and exit 4. */
export async function listening<Result>(what: string, host: string, port: number, listen: () => Promise<Result>): Promise<Result> {
  try {
    return await listen()
  } catch (cause) {
    const code = systemCode(cause)
    const why: Record<string, string> = {
      EADDRINUSE: 'another program has this port; stop it, choose another, or give 0 for a free one',
      EACCES: 'this user may not open the port; choose one above 1023',
      EADDRNOTAVAIL: 'this machine has no such address; name one of its own with --host',
    }
    throw new CommandError('port-taken', `listening for ${what} on ${host}:${port}: ${why[code] ?? code}`, 4, { cause })
  }
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)

/** The operating system's code, which a box may have wrapped as the cause of its own error. */
function systemCode(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: unknown }
  return code !== undefined && /^E[A-Z]+$/.test(code) ? code : cause === undefined ? (code ?? 'unknown') : systemCode(cause)
}
