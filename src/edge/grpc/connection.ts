/**
 * One TCP connection to one endpoint: a grpc-js client of its own, with the streams and unary calls on
 * it. A connection that breaks is not mended: grpc-js would wait between its attempts, so the channel
 * makes a new one for its next request.
 *
 * Invariant: after the first fault of the connection nothing is sent, and everything in flight rejects
 * with that fault.
 */
import {
  type CallOptions,
  type ChannelOptions,
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { ApiName, Apis } from '../../core/api/apis.ts'
import { type Outcome, refuse } from '../../core/api/error-code.ts'
import type { HelloAnswer } from '../../core/api/hello.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { TransportFault } from '../../engine/ports/fault.ts'
import type { ConnectOptions, RequestOptions } from '../../engine/ports/transport.ts'
import { CallerStream, type StreamOwner } from './caller-stream.ts'
import { helloBytes, helloFrame, readAnswer, readHelloAnswer, readOutcome } from './codec/frame.ts'
import { asBuffer, type WireMessage } from './codec/wire-bytes.ts'
import { callerRequestCountMax, frameBytesMax } from './limits.ts'
import type { Mapping } from './mapping/mapping.ts'
import { mappings } from './mapping/table.ts'
import { helloAnswerKey, helloKey, helloRefusalKey } from './metadata-keys.ts'
import { honestWrites, type OutgoingFrames } from './outgoing-frames.ts'
import { breaksConnection, faultOf, tooLongBytes } from './status.ts'
import { callerWindow } from './window.ts'

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly connect: ConnectOptions
  readonly clock: Clock
  readonly frames: OutgoingFrames
  /** Told once, when the connection is of no use any more. */
  readonly broken: (fault: TransportFault) => void
}

/** A connection; it is made by its first request. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #client: Client
  readonly #streams = new Map<ApiName, Pick<CallerStream<ApiName>, 'close'>>()
  readonly #calls = new Set<ClientUnaryCall>()
  #hello: { readonly metadata: Metadata; readonly frame: WireMessage } | undefined
  #peer: HelloAnswer | undefined
  #hasHeard = false
  #fault: TransportFault | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { host, port, role } = options.connect
    const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    this.#client = new Client(`dns:${target}`, credentials.createInsecure(), clientOptions(role))
    options.frames.install(this.#client)
  }

  /** Who answered the latest Hello. */
  peer(): HelloAnswer | undefined {
    return this.#peer
  }

  /** Sends a request over the api's stream, or as a call of its own. */
  async request<A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    if (options.signal?.aborted === true) {
      throw new TransportFault('cancelled', 'The request was given up.')
    }
    const mapping: Mapping<A> = mappings[api]
    if (mapping.kind === 'unary') return this.#unary(mapping, request, options)
    // Under each api the map holds the stream of that api; TypeScript has no type for such a map.
    const stream = this.#streams.get(api) as CallerStream<A> | undefined
    return (stream ?? this.#open(api, mapping)).request(request, options)
  }

  /** Ends the connection; everything in flight rejects with `fault`. */
  close(fault: TransportFault): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.#options.broken(fault)
    for (const stream of this.#streams.values()) stream.close(fault)
    for (const call of this.#calls) call.cancel()
    this.#client.close()
  }

  #open<A extends ApiName>(api: A, mapping: Mapping<A>): CallerStream<A> {
    const path = `/${mapping.service}/${mapping.method}`
    const call = this.#client.makeBidiStreamRequest(path, asBuffer, (bytes: Buffer) =>
      readAnswer(mapping, bytes),
    )
    const owner: StreamOwner = {
      heard: (answer) => {
        this.#heard(answer)
      },
      ended: (fault, code) => {
        if (code === undefined || breaksConnection(code)) this.close(fault)
        else if (this.#streams.get(api) === stream) this.#streams.delete(api)
      },
      timedOut: () => {
        this.#timedOut()
      },
    }
    const { connect: target, clock, frames } = this.#options
    const hello = this.#introduction(mapping).frame
    const stream = new CallerStream({ mapping, call, hello, clock, frames, target, owner })
    this.#streams.set(api, stream)
    return stream
  }

  async #unary<A extends ApiName>(
    mapping: Mapping<A>,
    request: Apis[A]['request'],
    { timeoutMs, signal }: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    if (this.#calls.size >= callerRequestCountMax) {
      throw new TransportFault('overloaded', `${this.#calls.size} calls wait for their answer.`)
    }
    const message = mapping.requestMessage(request)
    const path = `/${mapping.service}/${mapping.method}`
    const { metadata } = this.#introduction(mapping)
    const options: CallOptions = { deadline: Date.now() + timeoutMs }
    return new Promise((resolve, reject) => {
      let rejection: TransportFault | undefined
      const call = this.#client.makeUnaryRequest(
        path,
        asBuffer,
        (bytes: Buffer) => readOutcome(mapping, bytes),
        message,
        metadata,
        options,
        (error, outcome) => {
          signal?.removeEventListener('abort', abort)
          this.#calls.delete(call)
          if (rejection !== undefined) reject(rejection)
          else if (error === null && outcome !== undefined) resolve(outcome)
          else this.#fail(mapping, error, message.length, { resolve, reject })
        },
      )
      const abort = (): void => {
        rejection = new TransportFault('cancelled', 'The request was given up.')
        call.cancel()
      }
      this.#calls.add(call)
      call.on('metadata', (answer: Metadata) => {
        rejection ??= this.#readIntroduction(mapping, answer)
      })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Settles a unary call that ended with a status. */
  #fail<A extends ApiName>(
    mapping: Mapping<A>,
    error: ServiceError | null,
    requestBytes: number,
    promise: {
      readonly resolve: (outcome: Outcome<Apis[A]['response']>) => void
      readonly reject: (fault: TransportFault) => void
    },
  ): void {
    const target = this.#options.connect
    const at = `${target.host}:${target.port}`
    const ended = error ?? { code: status.INTERNAL, details: 'no answer' }
    if (this.#fault !== undefined) {
      promise.reject(this.#fault)
    } else if (ended.code === status.UNIMPLEMENTED) {
      const sentence = `${at} does not serve ${mapping.service}.${mapping.method}.`
      promise.resolve(refuse('UNSUPPORTED_VERSION', sentence))
    } else if (tooLongBytes(ended) === requestBytes) {
      const sentence = `The request has ${requestBytes} bytes, more than ${at} takes.`
      promise.resolve(refuse('MESSAGE_TOO_LARGE', sentence))
    } else {
      const fault = faultOf(ended, target)
      promise.reject(fault)
      if (breaksConnection(ended.code)) this.close(fault)
      else if (fault.code === 'timeout') this.#timedOut()
    }
  }

  /** The Hello, made once; its bytes are the same whichever service it opens. */
  #introduction(mapping: Pick<Mapping<ApiName>, 'file'>): {
    readonly metadata: Metadata
    readonly frame: WireMessage
  } {
    if (this.#hello !== undefined) return this.#hello
    const { hello } = this.#options.connect
    const metadata = new Metadata()
    metadata.set(helloKey, helloBytes(mapping.file, hello))
    this.#hello = { metadata, frame: helloFrame(mapping.file, hello) }
    return this.#hello
  }

  #readIntroduction(
    mapping: Pick<Mapping<ApiName>, 'file'>,
    metadata: Metadata,
  ): TransportFault | undefined {
    const answer = metadata.get(helloAnswerKey)[0]
    const refusal = metadata.get(helloRefusalKey)[0]
    const { host, port } = this.#options.connect
    if (Buffer.isBuffer(answer)) this.#heard(readHelloAnswer(mapping.file, answer))
    else this.#heard(undefined)
    if (refusal === undefined) return undefined
    return new TransportFault('rejected', `${host}:${port}: ${refusal.toString()}`)
  }

  #heard(answer: HelloAnswer | undefined): void {
    this.#hasHeard = true
    this.#peer = answer ?? this.#peer
  }

  /** A peer that has never answered is tried on a new connection: the old one may lead nowhere. */
  #timedOut(): void {
    if (this.#hasHeard) return
    const { host, port } = this.#options.connect
    this.close(new TransportFault('timeout', `${host}:${port} does not answer.`))
  }
}

const second = 1000

/**
 * A connection of its own, no retries (they would hold every message), no look-ups beside the name, and
 * pings that find a peer that vanished without a word: between brokers within 5 s, for clients 25 s.
 */
function clientOptions(role: ConnectOptions['role']): ChannelOptions {
  return {
    ...callerWindow(role),
    ...honestWrites,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.max_receive_message_length': frameBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': role === 'broker' ? 3 * second : 20 * second,
    'grpc.keepalive_timeout_ms': role === 'broker' ? 2 * second : 5 * second,
    'grpc.primary_user_agent': 'sluice',
  }
}
