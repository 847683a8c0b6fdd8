/**
 * The connections of a listener: raises their windows, bounds their number, and closes those that take
 * a port for something else (garbage, or silence) without harm to the rest.
 */
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import type { Clock } from '../../engine/ports/clock.ts'
import { connectionCountMax, handshakeMsMax } from './limits.ts'
import { raiseToBroker, raiseWindow } from './window.ts'

/** The open connections of one listener, by the peer's address and port. */
export class Sessions {
  readonly #clock: Clock
  readonly #byPeer = new Map<string, ServerHttp2Session>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Looks after the sessions of a bound server. */
  watch(server: Http2Server): void {
    server.maxConnections = connectionCountMax
    server.on('session', (session: ServerHttp2Session) => {
      this.#begin(session)
    })
  }

  /** The peer has said that it is a broker. */
  raise(peer: string): void {
    const session = this.#byPeer.get(peer)
    if (session !== undefined) raiseToBroker(session)
  }

  /** Ends every connection at once. grpc-js's own `forceShutdown` misses them when channelz is off. */
  destroy(): void {
    for (const session of this.#byPeer.values()) session.destroy()
  }

  #begin(session: ServerHttp2Session): void {
    raiseWindow(session)
    const peer = `${session.socket.remoteAddress ?? ''}:${session.socket.remotePort ?? 0}`
    this.#byPeer.set(peer, session)
    const timer = this.#clock.after(handshakeMsMax, () => {
      session.destroy()
    })
    session.once('remoteSettings', () => {
      timer.cancel()
    })
    session.once('close', () => {
      timer.cancel()
      if (this.#byPeer.get(peer) === session) this.#byPeer.delete(peer)
    })
  }
}
