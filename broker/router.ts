import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes'

type Done = (error?: Error) => void
type Route = (packet: PublishPacket, client: Client | null, done?: Done) => void
/** Aedes' own way of letting a client in, which its types leave out: it closes the one that is there under the same id (MQTT-3.1.4-2). */
const letIn = (Aedes.prototype as unknown as { registerClient(client: Client): void }).registerClient

/**
 * Aedes without the routing of what nobody may subscribe to. A device's message has done its work when it is journalled: only what is
 * retained (its status) is stored and passed on. That spares the packet copy, the look-up of subscribers and the emitter for each reading.
 * With `passesOn` it routes like any broker.
 */
export class Router extends Aedes {
  readonly #passesOn: boolean
  /** Clients whose place another took. */
  readonly #replaced = new WeakSet<Client>()

  constructor(options: AedesOptions, passesOn: boolean) {
    super(options)
    this.#passesOn = passesOn
  }

  /** Aedes calls it when a login was taken, before its CONNACK. */
  registerClient(client: Client): void {
    const before = insideOf(this).clients[client.id]
    if (before) this.#replaced.add(before)
    letIn.call(this, client)
  }

  wasReplaced(client: Client): boolean {
    return this.#replaced.has(client)
  }

  override publish(packet: PublishPacket, client: Client | Done | null, done?: Done): void {
    const route = super.publish as unknown as Route
    if (typeof client === 'function') route.call(this, packet, null, client)
    else if (client && !packet.retain && !this.#passesOn) done?.()
    else route.call(this, packet, client, done)
  }
}

/** Parts of Aedes and its clients that its documentation names and its types leave out. */
export interface RouterInside {
  persistence: object
  clients: Record<string, Client | undefined>
}

export const insideOf = (router: Router): RouterInside => router as unknown as RouterInside

/** QoS 2 messages of a client that wait for their release. */
export const heldBack = (client: Client): number => (client as unknown as { _inboundInflight: ReadonlySet<number> })._inboundInflight.size
