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
  onRefused: (reason: 'too-many-connections' | 'busy', address: string) => void
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
  /** Bytes that came since its session asked to be held; null = it is not held. */
  held: number | null
}

/** Bytes of a peer that may wait while its session is held: a picture's packets during the first login. */
const mostHeld = 16_384

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
    const link: Link = {
      address,
      send: (bytes) => socket?.send(bytes, port, address),
      known: () => (made.isKnown = true),
      end() {
        peers.delete(key)
        made.session.end()
      },
      hold: () => void (made.held ??= 0),
      resume: () => void (made.held = null),
    }
    const made: Peer = { session: serve(link), heardAt: 0, isKnown: false, held: null }
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
        if (!hasRoom(peer, bytes.length)) return onRefused('busy', address)
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

/** A datagram cannot be left on the line: what a held session has no room for is dropped, and the station, which hears nothing, sends it again. */
function hasRoom(peer: Peer, bytes: number): boolean {
  if (peer.held === null) return true
  if (peer.held + bytes > mostHeld) return false
  peer.held += bytes
  return true
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
