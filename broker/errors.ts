import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const brokerErrors = [
  {
    code: 'broker-port-taken',
    meaning: 'Another program listens on the MQTT port. Stop it, or choose another port (server.mqttPort, 0 for a free one).',
  },
  { code: 'broker-listen', meaning: 'The MQTT port cannot be listened on. The message says why; check address and rights.' },
  {
    code: 'broker-sessions',
    meaning:
      'The sessions of the MQTT broker cannot be opened. Stop the process that has them open; when they are damaged, remove the folder: devices subscribe anew.',
  },
] as const satisfies readonly ErrorEntry[]

/** The listener could not be opened. */
export class ListenFailed extends GaugekeeperError {
  constructor(message: string, options: { taken: boolean; cause: unknown }) {
    super(options.taken ? 'broker-port-taken' : 'broker-listen', message, options)
  }
}

/** The folder of sessions and retained messages could not be opened. */
export class SessionsUnavailable extends GaugekeeperError {
  constructor(message: string, options: { cause: unknown }) {
    super('broker-sessions', message, options)
  }
}
