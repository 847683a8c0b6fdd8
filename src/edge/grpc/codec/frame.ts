/**
 * The envelopes: frames of a stream, and the outcome of a unary call. All streams use the same field
 * numbers, all unary answers as well, so that one reader serves every operation.
 */
import type { ApiName, Apis } from '../../../core/api/apis.ts'
import type { Outcome } from '../../../core/api/error-code.ts'
import type { Hello, HelloAnswer } from '../../../core/api/hello.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import { helloAnswerIn, helloAnswerOut, helloIn, helloOut } from '../mapping/envelope.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { messageCodec, type ServiceFile } from '../proto.ts'
import type { Hello as WireHello, Hello__Output } from '../gen/sluice/v1/Hello.ts'
import type {
  HelloAnswer as WireHelloAnswer,
  HelloAnswer__Output,
} from '../gen/sluice/v1/HelloAnswer.ts'
import { readRefusal, refusalMessage } from './refusal-codec.ts'
import { intSize, messageSize, SizedMessage, type WireMessage, WireReader } from './wire-bytes.ts'

/** What a frame of the caller holds. `malformed`: a request that cannot be read, with the reason. */
export type CallBody<A extends ApiName> =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'request'; readonly request: Apis[A]['request'] }
  | { readonly type: 'cancel' }
  | { readonly type: 'malformed'; readonly message: string }

/** A frame of the caller, read. */
export interface CallFrame<A extends ApiName> {
  readonly correlationId: number
  readonly timeoutMs: number
  readonly body: CallBody<A>
  /** Length of the frame, which its views keep in memory. */
  readonly frameBytes: number
}

/** What a frame of the server holds. */
export type AnswerBody<A extends ApiName> =
  | { readonly type: 'hello'; readonly hello: HelloAnswer }
  | { readonly type: 'outcome'; readonly outcome: Outcome<Apis[A]['response']> }

/** A frame of the server, read. */
export interface AnswerFrame<A extends ApiName> {
  readonly correlationId: number
  readonly body: AnswerBody<A>
}

const field = { correlationId: 1, timeoutMs: 2, hello: 3, content: 4, ending: 5 } as const
const nothing: WireMessage = Buffer.alloc(0)

/** A frame that opens a stream. */
export function helloFrame(file: ServiceFile, hello: Hello): WireMessage {
  return frame({ correlationId: 0, field: field.hello, body: helloBytes(file, hello) })
}

/** A frame with a request. */
export function requestFrame<A extends ApiName>(
  mapping: Mapping<A>,
  call: {
    readonly correlationId: number
    readonly timeoutMs: number
    readonly request: Apis[A]['request']
  },
): WireMessage {
  const { correlationId, timeoutMs } = call
  const body = mapping.requestMessage(call.request)
  return frame({ correlationId, timeoutMs: Math.ceil(timeoutMs), field: field.content, body })
}

/** A frame that gives up a request. */
export function cancelFrame(correlationId: number): WireMessage {
  return frame({ correlationId, field: field.ending, body: nothing })
}

/** A frame of the caller read; throws `MalformedBytesError` only when the frame itself is broken. */
export function readCall<A extends ApiName>(mapping: Mapping<A>, bytes: Buffer): CallFrame<A> {
  const reader = new WireReader(bytes)
  let correlationId = 0
  let timeoutMs = 0
  let bodyField = 0
  let body: Buffer | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) correlationId = reader.int()
    else if (tag === 16) timeoutMs = reader.int()
    else if (tag === 26 || tag === 34 || tag === 42) {
      bodyField = tag >> 3
      body = reader.bytes()
    } else reader.skip(tag)
  }
  const frameBytes = bytes.length
  return { correlationId, timeoutMs, body: readBody(mapping, bodyField, body), frameBytes }
}

/** A frame that accepts a Hello. */
export function helloAnswerFrame(file: ServiceFile, answer: HelloAnswer): WireMessage {
  return frame({ correlationId: 0, field: field.hello, body: helloAnswerBytes(file, answer) })
}

/** A frame that answers a request. */
export function answerFrame<A extends ApiName>(
  mapping: Mapping<A>,
  correlationId: number,
  outcome: Outcome<Apis[A]['response']>,
): WireMessage {
  return outcome.ok
    ? frame({ correlationId, field: field.content, body: mapping.responseMessage(outcome.value) })
    : frame({ correlationId, field: field.ending, body: refusalMessage(outcome) })
}

/** A frame of the server read. */
export function readAnswer<A extends ApiName>(mapping: Mapping<A>, bytes: Buffer): AnswerFrame<A> {
  const reader = new WireReader(bytes)
  let correlationId = 0
  let body: AnswerBody<A> | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 8) correlationId = reader.int()
    else if (tag === 26) {
      body = { type: 'hello', hello: readHelloAnswer(mapping.file, reader.bytes()) }
    } else if (tag === 34) {
      const value = mapping.readResponse(reader.bytes())
      body = { type: 'outcome', outcome: { ok: true, value } }
    } else if (tag === 42) {
      body = { type: 'outcome', outcome: readRefusal(reader.message()) }
    } else reader.skip(tag)
  }
  if (body === undefined) throw new MalformedBytesError('a frame without content')
  return { correlationId, body }
}

/** The answer of a unary call: a message with the response as field 1 or the refusal as field 2. */
export function outcomeMessage<A extends ApiName>(
  mapping: Mapping<A>,
  outcome: Outcome<Apis[A]['response']>,
): WireMessage {
  const body = outcome.ok ? mapping.responseMessage(outcome.value) : refusalMessage(outcome)
  return new SizedMessage(messageSize(body.length), (writer) => {
    writer.message(outcome.ok ? 1 : 2, body)
  })
}

/** The answer of a unary call read. */
export function readOutcome<A extends ApiName>(
  mapping: Mapping<A>,
  bytes: Buffer,
): Outcome<Apis[A]['response']> {
  const reader = new WireReader(bytes)
  let outcome: Outcome<Apis[A]['response']> | undefined
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10) outcome = { ok: true, value: mapping.readResponse(reader.bytes()) }
    else if (tag === 18) outcome = readRefusal(reader.message())
    else reader.skip(tag)
  }
  if (outcome === undefined) throw new MalformedBytesError('an answer without content')
  return outcome
}

/** A Hello alone, for the metadata of a unary call. */
export function helloBytes(file: ServiceFile, hello: Hello): Buffer {
  return messageCodec<WireHello, Hello__Output>(file, 'Hello').serialize(helloOut(hello))
}

/** A Hello read. */
export function readHello(file: ServiceFile, bytes: Buffer): Hello {
  return helloIn(messageCodec<WireHello, Hello__Output>(file, 'Hello').deserialize(bytes))
}

/** The answer to a Hello alone, for the metadata of a unary call. */
export function helloAnswerBytes(file: ServiceFile, answer: HelloAnswer): Buffer {
  const codec = messageCodec<WireHelloAnswer, HelloAnswer__Output>(file, 'HelloAnswer')
  return codec.serialize(helloAnswerOut(answer))
}

/** The answer to a Hello read. */
export function readHelloAnswer(file: ServiceFile, bytes: Buffer): HelloAnswer {
  const codec = messageCodec<WireHelloAnswer, HelloAnswer__Output>(file, 'HelloAnswer')
  return helloAnswerIn(codec.deserialize(bytes))
}

function frame(parts: {
  readonly correlationId: number
  readonly timeoutMs?: number
  readonly field: number
  readonly body: WireMessage
}): WireMessage {
  const { correlationId, timeoutMs = 0, body } = parts
  const length = intSize(correlationId) + intSize(timeoutMs) + messageSize(body.length)
  return new SizedMessage(length, (writer) => {
    writer.int(field.correlationId, correlationId)
    writer.int(field.timeoutMs, timeoutMs)
    writer.message(parts.field, body)
  })
}

function readBody<A extends ApiName>(
  mapping: Mapping<A>,
  bodyField: number,
  body: Buffer | undefined,
): CallBody<A> {
  if (body === undefined) return { type: 'malformed', message: 'the frame has no content' }
  try {
    if (bodyField === field.hello) {
      return { type: 'hello', hello: readHello(mapping.file, body) }
    }
    if (bodyField === field.ending) return { type: 'cancel' }
    return { type: 'request', request: mapping.readRequest(body) }
  } catch (cause) {
    return { type: 'malformed', message: malformedMessage(cause) }
  }
}

/** What is wrong with bytes from outside; anything but a decoder's complaint is thrown on. */
export function malformedMessage(cause: unknown): string {
  if (cause instanceof MalformedBytesError) return cause.message
  // protobufjs complains with RangeError (index out of range) and plain Error (invalid wire type).
  if (cause instanceof RangeError) return cause.message
  if (cause instanceof Error && cause.name === 'Error') return cause.message
  throw cause
}
