/**
 * The plain door: Publish and Subscribe, for people with grpcurl and for programs in any language that
 * want single records and no batches. It translates to the operations of core/api and goes through the
 * node's own handler, or to the broker that leads; whatever is refused there is refused here.
 */
import type { sendUnaryData, Server, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import { type Refusal, refuse } from '../../../core/api/error-code.ts'
import type { RequestContext } from '../../../core/api/request-context.ts'
import type { Compressor } from '../../../engine/ports/compressor.ts'
import type { Transport } from '../../../engine/ports/transport.ts'
import { rethrowDefect, type Service } from '../dispatch.ts'
import type { PublishAnswer } from '../gen/sluice/v1/PublishAnswer.ts'
import type { PublishRequest__Output } from '../gen/sluice/v1/PublishRequest.ts'
import type { SubscribeAnswer } from '../gen/sluice/v1/SubscribeAnswer.ts'
import type { SubscribedRecord } from '../gen/sluice/v1/SubscribedRecord.ts'
import type { SubscribeRequest__Output } from '../gen/sluice/v1/SubscribeRequest.ts'
import type { Drainable } from '../health.ts'
import { errorOut } from '../mapping/envelope.ts'
import { messageCodec } from '../proto.ts'
import { timeoutOf } from '../unary.ts'
import { Leaders } from './leaders.ts'
import { publish } from './publish.ts'
import { subscribe } from './subscribe.ts'

/** What the door needs beside the listener: the way to other brokers, and codecs for batches. */
export interface PlainDoorOptions {
  readonly transport: Transport
  readonly compressor: Compressor
}

/** A Publish as it came. */
interface Published {
  readonly request: PublishRequest__Output
  readonly frameBytes: number
}

type PublishCall = ServerUnaryCall<Published, PublishAnswer>
type SubscribeCall = ServerWritableStream<SubscribeRequest__Output, SubscribeAnswer>

/** The open door of one listener. */
export interface PlainDoor {
  readonly close: () => Promise<void>
}

/** Adds Publish and Subscribe to a server. */
export function openPlainDoor(
  server: Server,
  options: PlainDoorOptions & { readonly service: Service; readonly streams: Set<Drainable> },
): PlainDoor {
  const { service, streams, transport, compressor } = options
  const { listen, clock } = service
  const leaders = new Leaders({ listen, transport, clock })
  const publishHandler = (call: PublishCall, callback: sendUnaryData<PublishAnswer>): void => {
    const abort = new AbortController()
    call.on('cancelled', () => {
      abort.abort()
    })
    const context = contextOf(service, call.getPeer(), {
      timeoutMs: timeoutOf(call.getDeadline()),
      signal: abort.signal,
    })
    const { request, frameBytes } = call.request
    const share = service.shareOf(call.getPeer())
    share.add(frameBytes)
    const answer = (answered: PublishAnswer): void => {
      share.add(-frameBytes)
      callback(null, answered)
    }
    publish(leaders, request, context).then(
      (outcome) => {
        answer(outcome.ok ? { response: outcome.value } : refusalOut(outcome))
      },
      (cause: unknown) => {
        answer(refusalOut(failed(service, cause)))
      },
    )
  }
  const subscribeHandler = (call: SubscribeCall): void => {
    const sink = new CallSink(call, streams)
    const { signal } = sink
    const reading = subscribe(
      {
        leaders,
        compressor,
        clock,
        contextOf: (timeoutMs) => contextOf(service, call.getPeer(), { timeoutMs, signal }),
      },
      call.request,
      sink,
    )
    reading.then(
      (refusal) => {
        sink.end(refusal)
      },
      (cause: unknown) => {
        sink.end(failed(service, cause))
      },
    )
  }
  const log = '/sluice.v1.Log'
  server.register(`${log}/Publish`, publishHandler, publishOut, publishIn, 'unary')
  server.register(`${log}/Subscribe`, subscribeHandler, subscribeOut, subscribeIn, 'serverStream')
  return {
    close: async () => leaders.close(),
  }
}

/** Writes to the caller as fast as it reads, and ends with the call. */
class CallSink {
  readonly #call: SubscribeCall
  readonly #streams: Set<Drainable>
  readonly #abort = new AbortController()

  constructor(call: SubscribeCall, streams: Set<Drainable>) {
    this.#call = call
    this.#streams = streams
    streams.add(this)
    call.on('cancelled', () => {
      this.drain()
    })
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  async send(record: SubscribedRecord): Promise<void> {
    if (this.signal.aborted || this.#call.write({ record })) return
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#call.off('drain', go)
        this.signal.removeEventListener('abort', go)
        resolve()
      }
      this.#call.on('drain', go)
      this.signal.addEventListener('abort', go)
    })
  }

  /** Stops reading; `end` follows. */
  drain(): void {
    this.#streams.delete(this)
    this.#abort.abort()
  }

  end(refusal: Refusal | undefined): void {
    this.drain()
    if (refusal !== undefined) this.#call.write(refusalOut(refusal))
    this.#call.end()
  }
}

function contextOf(
  { listen, clock }: Service,
  peer: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): RequestContext {
  return {
    principal: 'User:anonymous',
    listener: listen.endpoint.listener,
    clientId: 'plain',
    peer,
    deadlineAtMs: clock.nowMs() + limits.timeoutMs,
    signal: limits.signal,
  }
}

function failed({ listen, telemetry }: Service, cause: unknown): Refusal {
  rethrowDefect(cause)
  telemetry.log('error', 'request-failed', { api: 'plain', cause })
  const what = cause instanceof Error ? cause.message : String(cause)
  return refuse('UNKNOWN_SERVER_ERROR', `Node ${listen.nodeId} failed: ${what}`)
}

function refusalOut(refusal: Refusal): Pick<PublishAnswer & SubscribeAnswer, 'refusal'> {
  const { error } = errorOut(refusal)
  return error === undefined ? {} : { refusal: error }
}

function publishIn(bytes: Buffer): Published {
  const codec = messageCodec<object, PublishRequest__Output>('log', 'PublishRequest')
  return { request: codec.deserialize(bytes), frameBytes: bytes.length }
}

function publishOut(answer: PublishAnswer): Buffer {
  return messageCodec<PublishAnswer, unknown>('log', 'PublishAnswer').serialize(answer)
}

function subscribeIn(bytes: Buffer): SubscribeRequest__Output {
  return messageCodec<object, SubscribeRequest__Output>('log', 'SubscribeRequest').deserialize(
    bytes,
  )
}

function subscribeOut(answer: SubscribeAnswer): Buffer {
  return messageCodec<SubscribeAnswer, unknown>('log', 'SubscribeAnswer').serialize(answer)
}
