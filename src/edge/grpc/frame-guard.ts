/**
 * Reserves the room of frames that arrive in pieces: grpc-js gathers them up to the largest size that
 * the listener takes, on as many streams as a peer opens. This sits in front of it and reads the length
 * of each frame; while there is no room for one, its stream is not read on.
 *
 * grpc-js pauses and resumes the stream for reasons of its own, so both are wrapped: it flows when
 * grpc-js wants it to and there is room.
 */
import type { ServerHttp2Stream } from 'node:http2'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Share } from './holdings.ts'

const prefixBytes = 5

/** Watches one stream of a connection until it closes. Call it before grpc-js has seen the stream. */
export function guardFrames(
  stream: ServerHttp2Stream,
  options: { readonly share: Share; readonly frameBytesMax: number; readonly clock: Clock },
): void {
  const guard = new FrameGuard(stream, options)
  stream.on('data', (chunk: Buffer) => {
    guard.receive(chunk)
  })
  stream.once('close', () => {
    guard.close()
  })
}

class FrameGuard {
  readonly #stream: ServerHttp2Stream
  readonly #share: Share
  readonly #frameBytesMax: number
  readonly #clock: Clock
  readonly #pause: () => unknown
  readonly #resume: () => unknown
  #prefixCount = 0
  #length = 0
  #leftBytes = 0
  #takenBytes = 0
  #movedAtMs = 0
  #isWanted = true
  #stopWaiting: (() => void) | undefined
  #stopArriving: (() => void) | undefined

  constructor(
    stream: ServerHttp2Stream,
    options: { readonly share: Share; readonly frameBytesMax: number; readonly clock: Clock },
  ) {
    this.#stream = stream
    this.#share = options.share
    this.#frameBytesMax = options.frameBytesMax
    this.#clock = options.clock
    this.#pause = stream.pause.bind(stream)
    this.#resume = stream.resume.bind(stream)
    stream.pause = () => {
      this.#isWanted = false
      this.#pause()
      return stream
    }
    stream.resume = () => {
      this.#isWanted = true
      this.#movedAtMs = this.#clock.nowMs()
      if (this.#stopWaiting === undefined) this.#resume()
      return stream
    }
  }

  /** A piece of what arrives; it is in grpc-js's hands already. */
  receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#leftBytes > 0) {
        const count = Math.min(this.#leftBytes, chunk.length - at)
        this.#leftBytes -= count
        at += count
        if (this.#leftBytes === 0) this.#finish()
      } else {
        this.#readPrefix(chunk[at] ?? 0)
        at += 1
      }
    }
    if (this.#leftBytes === 0) return
    this.#movedAtMs = this.#clock.nowMs()
    if (this.#takenBytes === 0 && !this.#take()) this.#hold()
  }

  /** The stream is over. */
  close(): void {
    this.#stopWaiting?.()
    this.#finish()
  }

  #readPrefix(byte: number): void {
    this.#prefixCount += 1
    if (this.#prefixCount > 1) this.#length = this.#length * 256 + byte
    if (this.#prefixCount < prefixBytes) return
    // grpc-js refuses what is too long, as soon as it has read this.
    this.#leftBytes = this.#length <= this.#frameBytesMax ? this.#length : 0
    this.#prefixCount = 0
    this.#length = 0
  }

  #take(): boolean {
    if (!this.#share.take(this.#leftBytes)) return false
    this.#takenBytes = this.#leftBytes
    this.#stopArriving = this.#share.arrive({
      movedAtMs: () => (this.#isWanted ? this.#movedAtMs : Infinity),
      end: () => {
        this.#stream.close()
      },
    })
    return true
  }

  #hold(): void {
    this.#pause()
    this.#stopWaiting = this.#share.wait(() => {
      if (!this.#take()) return false
      this.#stopWaiting = undefined
      this.#movedAtMs = this.#clock.nowMs() // it could not come before
      if (this.#isWanted) this.#resume()
      return true
    })
  }

  #finish(): void {
    this.#stopArriving?.()
    if (this.#takenBytes > 0) this.#share.add(-this.#takenBytes)
    this.#takenBytes = 0
  }
}
