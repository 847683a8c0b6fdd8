/** The server's side of the calls that are not streams. The introduction travels in the metadata. */
import {
  Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import type { ApiName, Apis } from '../../core/api/apis.ts'
import { type Outcome, type Refusal, refuse } from '../../core/api/error-code.ts'
import type { Hello } from '../../core/api/hello.ts'
import { helloAnswerBytes, malformedMessage, outcomeMessage, readHello } from './codec/frame.ts'
import type { WireMessage } from './codec/wire-bytes.ts'
import { dispatch, notServed, type Service } from './dispatch.ts'
import { greet } from './introduction.ts'
import { defaultTimeoutMs } from './limits.ts'
import type { Mapping } from './mapping/mapping.ts'
import { helloAnswerKey, helloKey, helloRefusalKey } from './metadata-keys.ts'
import { RequestLife } from './request-life.ts'

/** A unary request read, or why it cannot be. */
export type UnaryRequest<A extends ApiName> = Outcome<Apis[A]['request']>

/** Reads a unary request; what cannot be read becomes the refusal that answers it. */
export function readUnaryRequest<A extends ApiName>(
  mapping: Mapping<A>,
  bytes: Buffer,
): UnaryRequest<A> {
  try {
    return { ok: true, value: mapping.readRequest(bytes) }
  } catch (cause) {
    return refuse('INVALID_REQUEST', `Not a request: ${malformedMessage(cause)}.`)
  }
}

/** Serves one operation. */
export function unaryHandler<A extends ApiName>(
  api: A,
  mapping: Mapping<A>,
  service: Service,
): UntypedHandleCall {
  return (
    call: ServerUnaryCall<UnaryRequest<A>, WireMessage>,
    callback: sendUnaryData<WireMessage>,
  ): void => {
    const answer = (outcome: Outcome<Apis[A]['response']>): void => {
      callback(null, outcomeMessage(mapping, outcome))
    }
    const introduction = introduce(mapping, call.metadata, service)
    if (introduction.metadata !== undefined) call.sendMetadata(introduction.metadata)
    const refusal = introduction.refusal ?? notServed(service, api)
    if (refusal !== undefined) {
      answer(refusal)
      return
    }
    if (!call.request.ok) {
      answer(call.request)
      return
    }
    const { listen, clock } = service
    const facts = {
      listener: listen.endpoint.listener,
      peer: call.getPeer(),
      hello: introduction.hello,
    }
    const life = new RequestLife(facts, clock.nowMs() + timeoutOf(call.getDeadline()))
    call.on('cancelled', () => {
      life.abort()
    })
    dispatch(service, { api, request: call.request.value, life }, answer)
  }
}

interface Introduction {
  readonly hello?: Hello
  readonly metadata?: Metadata
  readonly refusal?: Refusal
}

function introduce(
  mapping: Pick<Mapping<ApiName>, 'file'>,
  metadata: Metadata,
  service: Service,
): Introduction {
  const bytes = metadata.get(helloKey)[0]
  if (!Buffer.isBuffer(bytes)) return {}
  let hello: Hello
  try {
    hello = readHello(mapping.file, bytes)
  } catch (cause) {
    return refused(refuse('INVALID_REQUEST', `Not a Hello: ${malformedMessage(cause)}.`))
  }
  const answer = greet(hello, service.listen)
  if (!answer.ok) return refused(answer)
  const reply = new Metadata()
  reply.set(helloAnswerKey, helloAnswerBytes(mapping.file, answer.value))
  return { hello, metadata: reply }
}

function refused(refusal: Refusal): Introduction {
  const metadata = new Metadata()
  metadata.set(helloRefusalKey, Buffer.from(refusal.message))
  return { metadata, refusal }
}

/** Milliseconds left of a call's deadline, which grpc-js keeps on the wall clock. */
export function timeoutOf(deadline: Date | number): number {
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline
  return Number.isFinite(atMs) ? Math.max(0, atMs - Date.now()) : defaultTimeoutMs
}
