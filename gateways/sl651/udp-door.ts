import { createSocket, type Socket } from 'node:dgram'
import { GatewayListenFailed } from '../errors.ts'
import type { Link, PeerSession } from '../line.ts'

export interface UdpDoorParts {
  maxPeers: number
  /** How long a peer that has not logged in is remembered, and one that has, ms. */
  loginWithinMs: number
  idleMs: number
  now: () => number
  serve: (link: Link) => Pick<PeerSession, 'read' | 'flush' | 'end'>
  onRefused: (reason: 'too-many-connections', address: string) => void
}

/** Datagrams on a port: each peer (address and port) has a session of its own, for as long as it is heard from. */
export interface UdpDoor {
  /** Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<void>
  peers(): number
  close(): void
}

interface Peer {
  session: ReturnType<UdpDoorParts['serve']>
  heardAt: number
  isKnown: boolean
}

export function createUdpDoor({ maxPeers, loginWithinMs, idleMs, now, serve, onRefused }: UdpDoorParts): UdpDoor {
  /** In the order of their last datagram. */
  const peers = new Map<string, Peer>()
  let socket: Socket | null = null

  function forgetSilent(): void {
    for (const [key, { session, heardAt, isKnown }] of peers) {
      if (now() - heardAt <= (isKnown ? idleMs : loginWithinMs)) continue
      peers.delete(key)
      session.end()
    }
  }

  function peerOf(key: string, address: string, port: number): Peer | null {
    const known = peers.get(key)
    if (known !== undefined) {
      peers.delete(key)
      return known
    }
    if (peers.size >= maxPeers) forgetSilent()
    if (peers.size >= maxPeers) {
      onRefused('too-many-connections', address)
      return null
    }
    const forget = (): void => {
      peers.delete(key)
      made.session.end()
    }
    const link: Link = {
      address,
      send: (bytes) => socket?.send(bytes, port, address),
      known: () => (made.isKnown = true),
      end: forget,
      hold: () => undefined, // what a busy gateway does not read, the system drops: the station sends again
      resume: () => undefined,
    }
    const made: Peer = { session: serve(link), heardAt: 0, isKnown: false }
    return made
  }

  return {
    async listen(port, host) {
      const made = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      await bound(made, port, host)
      made.on('message', (bytes, { address, port: from }) => {
        const key = `${address} ${from}`
        const peer = peerOf(key, address, from)
        if (peer === null) return
        peer.heardAt = now()
        peers.set(key, peer)
        peer.session.read(bytes)
        peer.session.flush()
      })
      socket = made
    },
    peers: () => peers.size,
    close() {
      socket?.close()
      socket = null
      for (const { session } of peers.values()) session.end()
      peers.clear()
    },
  }
}

function bound(socket: Socket, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const why = taken ? 'the port is taken; stop the other program or choose another port' : cause.message
      reject(new GatewayListenFailed(`listening for SL 651 (UDP) on ${host}:${port}: ${why}`, { taken, cause }))
    })
    socket.bind(port, host, () => {
      socket.on('error', () => undefined) // a datagram that could not be sent: the station sends again
      resolve()
    })
  })
}
