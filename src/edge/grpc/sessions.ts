/**
 * The connections of a listener: raises their windows, bounds their number, and closes those that take
 * a port for something else (garbage, or silence) without harm to the rest.
 */
import type { Http2Server, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Clock } from '../../engine/ports/clock.ts'
import { guardFrames } from './frame-guard.ts'
import type { Holdings, Share } from './holdings.ts'
import { connectionCountMax, handshakeMsMax } from './limits.ts'
import { raiseToBroker, raiseWindow } from './window.ts'

/** What the connections of a listener are looked after with. */
export interface SessionsOptions {
  readonly clock: Clock
  readonly holdings: Holdings
  readonly frameBytesMax: number
}

interface Connected {
  readonly session: ServerHttp2Session
  readonly share: Share
}

/** The open connections of one listener, by the peer's address and port. */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #byPeer = new Map<string, Connected>()

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** Looks after the sessions of a bound server. */
  watch(server: Http2Server): void {
    server.maxConnections = connectionCountMax
    server.on('session', (session: ServerHttp2Session) => {
      this.#begin(session)
    })
    // In front of grpc-js, which reads a stream as soon as it hears of it.
    server.prependListener('stream', (stream: ServerHttp2Stream) => {
      const { clock, frameBytesMax } = this.#options
      const share = stream.session && this.shareOf(peerOf(stream.session))
      if (share !== undefined) guardFrames(stream, { share, frameBytesMax, clock })
    })
  }

  /** What the connection of a peer holds; a connection that has just ended counts for nothing. */
  shareOf(peer: string): Share {
    const known = this.#byPeer.get(peer)?.share
    if (known !== undefined) return known
    const ended = this.#options.holdings.open()
    ended.close()
    return ended
  }

  /** The peer has said that it is a broker. */
  raise(peer: string): void {
    const connected = this.#byPeer.get(peer)
    if (connected !== undefined) raiseToBroker(connected.session)
  }

  /** Ends every connection at once. grpc-js's own `forceShutdown` misses them when channelz is off. */
  destroy(): void {
    for (const { session } of this.#byPeer.values()) session.destroy()
  }

  #begin(session: ServerHttp2Session): void {
    const { clock, holdings } = this.#options
    const peer = peerOf(session)
    const share = holdings.open()
    this.#byPeer.set(peer, { session, share })
    raiseWindow(session, this.#byPeer.size)
    const timer = clock.after(handshakeMsMax, () => {
      session.destroy()
    })
    session.once('remoteSettings', () => {
      timer.cancel()
    })
    session.once('close', () => {
      timer.cancel()
      share.close()
      if (this.#byPeer.get(peer)?.session === session) this.#byPeer.delete(peer)
    })
  }
}

function peerOf(session: Http2Session): string {
  return `${session.socket.remoteAddress ?? ''}:${session.socket.remotePort ?? 0}`
}
