import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'

export const gatewayErrors = [
  {
    code: 'gateway-port-taken',
    meaning:
      'Another program listens on the port of a field protocol. Stop it, or choose another port (such as gateways.hj212.port, 0 for a free one).',
  },
  {
    code: 'gateway-listen',
    meaning: 'The port of a field protocol cannot be listened on. The message says why; check address and rights.',
  },
] as const satisfies readonly ErrorEntry[]

/** The listener of a field protocol could not be opened. */
export class GatewayListenFailed extends GaugekeeperError {
  constructor(message: string, options: { taken: boolean; cause: unknown }) {
    super(options.taken ? 'gateway-port-taken' : 'gateway-listen', message, options)
  }
}
