/**
 * The caller's side of one stream: Hello first, then requests in order, answers in any order. Owned by
 * a `Connection`, which hears once that the stream has ended.
 *
 * Invariants: every request is settled exactly once (answer, time-out, abort or end of the stream); the
 * bytes that the socket has not taken yet stay under a bound, over which requests are refused.
 */
import { type ClientDuplexStream, status, type StatusObject } from '@grpc/grpc-js'
import type { ApiName, Apis } from '../../core/api/apis.ts'
import { type Outcome, refuse } from '../../core/api/error-code.ts'
import type { HelloAnswer } from '../../core/api/hello.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { TransportFault } from '../../engine/ports/fault.ts'
import type { RequestOptions } from '../../engine/ports/transport.ts'
import { type AnswerFrame, cancelFrame, requestFrame } from './codec/frame.ts'
import type { WireMessage } from './codec/wire-bytes.ts'
import { Deadlines } from './deadlines.ts'
import { callerRequestCountMax, callerUnsentBytesMax, frameBytesMax } from './limits.ts'
import type { Mapping } from './mapping/mapping.ts'
import type { OutgoingFrames } from './outgoing-frames.ts'
import { type CallTarget, faultOf, tooLongBytes } from './status.ts'

/** What a stream tells the connection that owns it. */
export interface StreamOwner {
  /** Something arrived: the peer is alive. */
  readonly heard: (answer: HelloAnswer | undefined) => void
  /** The stream is over; `code` is the status it ended with, or undefined when the Hello was refused. */
  readonly ended: (fault: TransportFault, code: status | undefined) => void
  /** A request ran into its time-out. */
  readonly timedOut: () => void
}

interface Waiting<R> {
  readonly deadlineAtMs: number
  readonly frameBytes: number
  readonly settle: (outcome: Outcome<R> | TransportFault) => void
}

/** What a stream is made of. */
export interface CallerStreamOptions<A extends ApiName> {
  readonly mapping: Mapping<A>
  readonly call: ClientDuplexStream<WireMessage, AnswerFrame<A>>
  readonly hello: WireMessage
  readonly clock: Clock
  readonly frames: OutgoingFrames
  readonly target: CallTarget
  readonly owner: StreamOwner
}

/** One stream of requests. */
export class CallerStream<A extends ApiName> {
  readonly #options: CallerStreamOptions<A>
  readonly #waiting: Deadlines<Waiting<Apis[A]['response']>>
  #lastId = 0
  #unsentBytes = 0
  #fault: TransportFault | undefined

  constructor(options: CallerStreamOptions<A>) {
    this.#options = options
    this.#waiting = new Deadlines(options.clock, (id, waiting) => {
      this.#expire(id, waiting)
    })
    const { call } = options
    call.on('data', (answer: AnswerFrame<A>) => {
      this.#receive(answer)
    })
    // The status says all; without a listener the error event would be thrown.
    call.on('error', () => undefined)
    call.on('status', (ended: StatusObject) => {
      this.#end(ended)
    })
    this.#write(options.hello)
  }

  /** Sends a request and waits for its answer. */
  async request(
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    if (this.#fault !== undefined) throw this.#fault
    const { mapping, clock } = this.#options
    const correlationId = this.#lastId + 1
    const { timeoutMs, signal } = options
    const frame = requestFrame(mapping, { correlationId, timeoutMs, request })
    if (frame.length > frameBytesMax) {
      const sentence = `The request has ${frame.length} bytes; a frame takes ${frameBytesMax}.`
      return refuse('MESSAGE_TOO_LARGE', sentence)
    }
    if (!this.#hasRoom(frame.length)) throw this.#overloaded()
    this.#lastId = correlationId
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#abort(correlationId)
      }
      const settle = (outcome: Outcome<Apis[A]['response']> | TransportFault): void => {
        signal?.removeEventListener('abort', abort)
        if (outcome instanceof TransportFault) reject(outcome)
        else resolve(outcome)
      }
      const deadlineAtMs = clock.nowMs() + timeoutMs
      this.#waiting.add(correlationId, { deadlineAtMs, frameBytes: frame.length, settle })
      signal?.addEventListener('abort', abort, { once: true })
      this.#write(frame)
    })
  }

  /** Ends the stream from this side; everything in flight rejects with `fault`. */
  close(fault: TransportFault): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.#options.call.cancel()
    this.#rejectAll(fault)
  }

  #hasRoom(frameBytes: number): boolean {
    if (this.#waiting.size >= callerRequestCountMax) return false
    return this.#unsentBytes === 0 || this.#unsentBytes + frameBytes <= callerUnsentBytesMax
  }

  #overloaded(): TransportFault {
    const { host, port } = this.#options.target
    const held = `${this.#waiting.size} requests and ${this.#unsentBytes} unsent bytes`
    return new TransportFault('overloaded', `${host}:${port} does not keep up: ${held} wait here.`)
  }

  #write(frame: WireMessage): void {
    this.#unsentBytes += frame.length
    this.#options.call.write(frame, () => {
      this.#unsentBytes -= frame.length
      // Of a stream that ended the socket may still hold a part.
      if (this.#fault === undefined) this.#options.frames.release(frame)
    })
  }

  #receive({ correlationId, body }: AnswerFrame<A>): void {
    const { owner, target } = this.#options
    owner.heard(body.type === 'hello' ? body.hello : undefined)
    if (body.type === 'hello') return
    if (correlationId === 0) {
      const sentence = body.outcome.ok ? 'an answer to nothing' : body.outcome.message
      const fault = new TransportFault('rejected', `${target.host}:${target.port}: ${sentence}`)
      this.close(fault)
      owner.ended(fault, undefined)
      return
    }
    this.#waiting.take(correlationId)?.settle(body.outcome)
  }

  #expire(id: number, waiting: Waiting<Apis[A]['response']>): void {
    const { host, port } = this.#options.target
    waiting.settle(new TransportFault('timeout', `${host}:${port} has not answered in time.`))
    this.#write(cancelFrame(id))
    this.#options.owner.timedOut()
  }

  #abort(id: number): void {
    const waiting = this.#waiting.take(id)
    if (waiting === undefined) return
    waiting.settle(new TransportFault('cancelled', 'The request was given up.'))
    this.#write(cancelFrame(id))
  }

  #end(ended: StatusObject): void {
    if (this.#fault !== undefined) return
    const { target, owner, mapping } = this.#options
    const fault = faultOf(ended, target)
    this.#fault = fault
    const longBytes = tooLongBytes(ended)
    for (const waiting of this.#waiting.takeAll()) {
      if (ended.code === status.UNIMPLEMENTED) {
        const sentence = `${target.host}:${target.port} does not serve ${mapping.service}.${mapping.method}.`
        waiting.settle(refuse('UNSUPPORTED_VERSION', sentence))
      } else if (waiting.frameBytes === longBytes) {
        const sentence = `The request has ${longBytes} bytes, more than ${target.host}:${target.port} takes.`
        waiting.settle(refuse('MESSAGE_TOO_LARGE', sentence))
      } else waiting.settle(fault)
    }
    owner.ended(fault, ended.code)
  }

  #rejectAll(fault: TransportFault): void {
    for (const waiting of this.#waiting.takeAll()) waiting.settle(fault)
  }
}
