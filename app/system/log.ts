import { pino, type Logger } from 'pino'

/** JSON lines on stdout; in words where somebody looks at it and pino-pretty is there. */
export function createLog(level: string, isTerminal: boolean): Logger {
  if (!isTerminal) return pino({ level })
  try {
    return pino({ level, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' } } })
  } catch {
    return pino({ level })
  }
}
