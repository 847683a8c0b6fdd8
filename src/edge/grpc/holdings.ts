/**
 * What the connections of a node make it hold in memory: frames that are still arriving, requests in
 * the handler's hands, answers that the socket has not taken. Counted in bytes, a share a connection.
 * Whoever would go over a bound is not read from until others have let go, so that the peer is held
 * back by its window; nothing is refused, and nobody else waits for it.
 *
 * Invariants:
 * - A connection holds at most `connectionBytesMax`, or one frame if that is larger, when it is read.
 * - All together hold at most `bytesMax` in shares above the fair one; every connection may always have
 *   its fair share, so that a few that let nothing go cannot shut out the rest.
 * - An unfinished frame has its whole length reserved: two that wait for each other cannot be.
 */
import type { Clock, Timer } from '../../engine/ports/clock.ts'

/** A frame that has begun to arrive, as its share sees it. */
export interface ArrivingFrame {
  /** When it last grew, or could not because this side did not read; in ms. */
  readonly movedAtMs: () => number
  /** Ends its stream. */
  readonly end: () => void
}

/** Bounds of the holdings of a node. */
export interface HoldingsOptions {
  readonly clock: Clock
  readonly bytesMax: number
  readonly connectionBytesMax: number
  /** How long a frame may rest half-arrived while others wait for room, in ms. */
  readonly stallMsMax: number
}

const fairBytesMin = 64 * 1024

/** The holdings of one node. */
export class Holdings {
  readonly #options: HoldingsOptions
  readonly #waiting = new Set<() => boolean>()
  readonly #arriving = new Set<ArrivingFrame>()
  #shareCount = 0
  #bytes = 0
  #timer: Timer | undefined

  constructor(options: HoldingsOptions) {
    this.#options = options
  }

  /** Bytes held by all. */
  get bytes(): number {
    return this.#bytes
  }

  /** A connection begins. */
  open(): Share {
    this.#shareCount += 1
    return new Share(this.#options.connectionBytesMax, {
      add: (bytes) => {
        this.#bytes += bytes
        if (bytes < 0) this.#wake()
      },
      hasRoom: (held, bytes) => this.#hasRoom(held, bytes),
      wait: (retry) => this.#wait(retry),
      arrive: (frame) => {
        this.#arriving.add(frame)
        return () => this.#arriving.delete(frame)
      },
      close: () => {
        this.#shareCount -= 1
      },
    })
  }

  #hasRoom(held: number, bytes: number): boolean {
    const { bytesMax } = this.#options
    const fairBytes = Math.max(fairBytesMin, bytesMax / 2 / this.#shareCount)
    return this.#bytes + bytes <= bytesMax || held + bytes <= fairBytes
  }

  #wait(retry: () => boolean): () => void {
    this.#waiting.add(retry)
    this.#watch()
    return () => this.#waiting.delete(retry)
  }

  #wake(): void {
    for (const retry of this.#waiting) if (retry()) this.#waiting.delete(retry)
  }

  /** While somebody waits: ends the frames that rest. */
  #watch(): void {
    const { clock, stallMsMax } = this.#options
    this.#timer ??= clock.after(stallMsMax / 2, () => {
      this.#timer = undefined
      if (this.#waiting.size === 0) return
      const restedAtMs = clock.nowMs() - stallMsMax
      for (const frame of this.#arriving) if (frame.movedAtMs() <= restedAtMs) frame.end()
      this.#watch()
    })
  }
}

/** What a share asks of the whole. */
interface Whole {
  readonly add: (bytes: number) => void
  readonly hasRoom: (held: number, bytes: number) => boolean
  readonly wait: (retry: () => boolean) => () => void
  readonly arrive: (frame: ArrivingFrame) => () => void
  readonly close: () => void
}

/** What one connection holds. */
export class Share {
  readonly #bytesMax: number
  readonly #whole: Whole
  readonly #watchers = new Set<() => void>()
  #bytes = 0
  #expectedBytes = 0
  #isClosed = false

  constructor(bytesMax: number, whole: Whole) {
    this.#bytesMax = bytesMax
    this.#whole = whole
  }

  /** Whether the connection's streams are to be left unread. */
  isFull(): boolean {
    return this.#bytes + this.#expectedBytes >= this.#bytesMax
  }

  /** Holds bytes that are here already, or lets go of them when negative. */
  add(bytes: number): void {
    if (this.#isClosed) return
    this.#bytes += bytes
    this.#whole.add(bytes)
    if (bytes < 0) this.#tell()
  }

  /** Answers of up to so many bytes will come, or came when negative. */
  expect(bytes: number): void {
    this.#expectedBytes += bytes
    if (bytes < 0) this.#tell()
  }

  /** Reserves the room of a frame, if there is any; `add` it negative to let go. */
  take(bytes: number): boolean {
    if (this.#isClosed) return false
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) return false
    if (!this.#whole.hasRoom(this.#bytes, bytes)) return false
    this.add(bytes)
    return true
  }

  /** Calls `retry` whenever somebody lets go, until it is true or the returned function is called. */
  wait(retry: () => boolean): () => void {
    return this.#whole.wait(retry)
  }

  /** A frame has begun to arrive; the returned function says that it is over. */
  arrive(frame: ArrivingFrame): () => void {
    return this.#whole.arrive(frame)
  }

  /** Calls `look` whenever this connection lets go of something, until the returned function is called. */
  watch(look: () => void): () => void {
    this.#watchers.add(look)
    return () => this.#watchers.delete(look)
  }

  /** The connection is over, and holds nothing. */
  close(): void {
    if (this.#isClosed) return
    this.add(-this.#bytes)
    this.#isClosed = true
    this.#whole.close()
  }

  #tell(): void {
    for (const look of this.#watchers) look()
  }
}
