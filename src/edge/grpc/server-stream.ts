/**
 * The server's side of one stream: checks the Hello, hands requests to the handler in order of arrival,
 * answers in any order.
 *
 * Invariants: at most one answer a request, none after Cancel; while too many requests, request bytes
 * or unsent answers are held by the stream or by its connection (`holdings.ts`), nothing is read from
 * the stream, so that the peer's window fills and holds the peer back.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { ApiName, Apis } from '../../core/api/apis.ts'
import { type Outcome, refuse } from '../../core/api/error-code.ts'
import type { Hello } from '../../core/api/hello.ts'
import { answerFrame, type CallFrame, helloAnswerFrame } from './codec/frame.ts'
import type { WireMessage } from './codec/wire-bytes.ts'
import { Deadlines } from './deadlines.ts'
import { dispatch, notServed, type Service } from './dispatch.ts'
import { greet } from './introduction.ts'
import {
  answerBytesOf,
  defaultTimeoutMs,
  streamRequestBytesMax,
  streamRequestCountMax,
  streamUnsentBytesMax,
} from './limits.ts'
import type { Share } from './holdings.ts'
import type { Mapping } from './mapping/mapping.ts'
import { RequestLife } from './request-life.ts'
import { boundReadAhead } from './window.ts'

interface Running {
  readonly life: RequestLife
  readonly deadlineAtMs: number
  readonly frameBytes: number
  /** What its answer may take. */
  readonly answerBytes: number
}

/** What a stream is made of. */
export interface ServerStreamOptions<A extends ApiName> {
  readonly api: A
  readonly mapping: Mapping<A>
  readonly call: ServerDuplexStream<CallFrame<A>, WireMessage>
  readonly service: Service
  /** Told once, when the stream is over. */
  readonly ended: () => void
}

/** One stream of requests. */
export class ServerStream<A extends ApiName> {
  readonly #options: ServerStreamOptions<A>
  readonly #running: Deadlines<Running>
  readonly #share: Share
  readonly #unwatch: () => void
  #hello: Hello | undefined
  #requestBytes = 0
  #unsentBytes = 0
  #isPaused = false
  #isDraining = false
  #isOver = false

  constructor(options: ServerStreamOptions<A>) {
    this.#options = options
    this.#running = new Deadlines(options.service.clock, (id, running) => {
      this.#expire(id, running)
    })
    const { call, service } = options
    this.#share = service.shareOf(call.getPeer())
    this.#unwatch = this.#share.watch(() => {
      this.#holdOrRead()
    })
    boundReadAhead(call)
    call.on('data', (frame: CallFrame<A>) => {
      this.#receive(frame)
    })
    call.on('end', () => {
      this.drain()
    })
    call.on('cancelled', () => {
      this.#finish()
    })
    call.on('error', () => {
      this.#finish()
    })
  }

  /** Ends the stream as soon as the requests in flight are answered; later ones are not taken. */
  drain(): void {
    this.#isDraining = true
    this.#endWhenIdle()
  }

  #receive({ correlationId, timeoutMs, body, frameBytes }: CallFrame<A>): void {
    if (this.#isDraining || this.#isOver) return
    if (body.type === 'hello') {
      this.#greet(body.hello)
    } else if (body.type === 'cancel') {
      this.#cancel(correlationId)
    } else if (this.#hello === undefined) {
      this.#close(refuse('INVALID_REQUEST', 'The first frame of a stream holds a Hello.'))
    } else if (correlationId === 0 || this.#running.has(correlationId)) {
      this.#close(refuse('INVALID_REQUEST', `Correlation id ${correlationId} is not free.`))
    } else if (body.type === 'malformed') {
      this.#answer(correlationId, refuse('INVALID_REQUEST', `Not a request: ${body.message}.`))
    } else {
      const call = { correlationId, timeoutMs, request: body.request, frameBytes }
      this.#run(this.#hello, call)
    }
  }

  #greet(hello: Hello): void {
    const { service, call, mapping, api } = this.#options
    if (this.#hello !== undefined) {
      this.#close(refuse('INVALID_REQUEST', 'A stream takes one Hello.'))
      return
    }
    const answer = greet(hello, service.listen)
    const refusal = answer.ok ? notServed(service, api) : answer
    if (!answer.ok || refusal !== undefined) {
      if (refusal !== undefined) this.#close(refusal)
      return
    }
    this.#hello = hello
    if (hello.broker !== undefined) service.brokerCame(call.getPeer())
    this.#write(helloAnswerFrame(mapping.file, answer.value))
  }

  #run(
    hello: Hello,
    call: {
      readonly correlationId: number
      readonly timeoutMs: number
      readonly request: Apis[A]['request']
      readonly frameBytes: number
    },
  ): void {
    const { service, api, call: stream } = this.#options
    const { correlationId, request, frameBytes } = call
    const timeoutMs = call.timeoutMs === 0 ? defaultTimeoutMs : call.timeoutMs
    const deadlineAtMs = service.clock.nowMs() + timeoutMs
    const facts = { listener: service.listen.endpoint.listener, peer: stream.getPeer(), hello }
    const life = new RequestLife(facts, deadlineAtMs)
    const answerBytes = answerBytesOf(request)
    this.#running.add(correlationId, { life, deadlineAtMs, frameBytes, answerBytes })
    this.#requestBytes += frameBytes
    this.#share.expect(answerBytes)
    this.#share.add(frameBytes)
    dispatch(service, { api, request, life }, (outcome) => {
      const running = this.#running.take(correlationId)
      if (running === undefined) return
      this.#answer(correlationId, outcome)
      this.#settled(running)
    })
    this.#holdOrRead()
  }

  #cancel(correlationId: number): void {
    const running = this.#running.take(correlationId)
    if (running === undefined) return
    running.life.abort()
    this.#settled(running)
  }

  #expire(correlationId: number, running: Running): void {
    running.life.abort()
    const sentence = `Node ${this.#options.service.listen.nodeId} was not done in time.`
    this.#answer(correlationId, refuse('REQUEST_TIMED_OUT', sentence))
    this.#settled(running)
  }

  #settled(running: Running): void {
    this.#letGo(running)
    this.#holdOrRead()
    this.#endWhenIdle()
  }

  #letGo({ frameBytes, answerBytes }: Running): void {
    this.#requestBytes -= frameBytes
    this.#share.expect(-answerBytes)
    this.#share.add(-frameBytes)
  }

  #answer(correlationId: number, outcome: Outcome<Apis[A]['response']>): void {
    this.#write(answerFrame(this.#options.mapping, correlationId, outcome))
  }

  #write(frame: WireMessage): void {
    if (this.#isOver) return
    this.#unsentBytes += frame.length
    this.#share.add(frame.length)
    this.#options.call.write(frame, () => {
      if (this.#isOver) return
      this.#unsentBytes -= frame.length
      this.#share.add(-frame.length)
      this.#holdOrRead()
    })
  }

  #holdOrRead(): void {
    const isFull =
      this.#running.size >= streamRequestCountMax ||
      this.#requestBytes >= streamRequestBytesMax ||
      this.#unsentBytes >= streamUnsentBytesMax ||
      this.#share.isFull()
    if (isFull === this.#isPaused || this.#isOver) return
    this.#isPaused = isFull
    if (isFull) this.#options.call.pause()
    else this.#options.call.resume()
  }

  /** Says why and ends the stream: what the caller sends makes no sense here. */
  #close(refusal: Outcome<never>): void {
    this.#answer(0, refusal)
    this.drain()
  }

  #endWhenIdle(): void {
    if (!this.#isDraining || this.#isOver || this.#running.size > 0) return
    this.#options.call.end()
    this.#finish()
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#unwatch()
    for (const running of this.#running.takeAll()) {
      running.life.abort()
      this.#letGo(running)
    }
    this.#share.add(-this.#unsentBytes)
    this.#running.close()
    this.#options.ended()
  }
}
