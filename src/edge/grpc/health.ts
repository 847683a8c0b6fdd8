/** The standard health service: whether the node, or one of its services, takes requests now. */
import {
  type sendUnaryData,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import type { Clock, Timer } from '../../engine/ports/clock.ts'
import type { HealthCheckRequest__Output } from './gen/grpc/health/v1/HealthCheckRequest.ts'
import type { HealthCheckResponse } from './gen/grpc/health/v1/HealthCheckResponse.ts'
import { codecOf } from './proto.ts'

/** Full name of the service. */
export const healthService = 'grpc.health.v1.Health'

const path = 'grpc/health/v1/health.proto'

/** How often a watched state is looked at, in ms. */
const lookMs = 1000

type Request = HealthCheckRequest__Output
type State = NonNullable<HealthCheckResponse['status']>

/** A stream that a closing listener ends. */
export interface Drainable {
  readonly drain: () => void
}

/** What the health service is about. */
export interface HealthOptions {
  /** Names of the services of the listener. */
  readonly services: ReadonlySet<string>
  readonly isServing: () => boolean
  readonly clock: Clock
  /** Open watches, which the listener ends when it closes. */
  readonly streams: Set<Drainable>
}

/** Adds the service to a server. Its file is loaded with the first question. */
export function registerHealth(server: Server, options: HealthOptions): void {
  const check = (
    { request }: ServerUnaryCall<Request, HealthCheckResponse>,
    callback: sendUnaryData<HealthCheckResponse>,
  ): void => {
    const state = stateOf(request.service, options)
    if (state === undefined) callback({ code: status.NOT_FOUND, details: 'no such service' })
    else callback(null, { status: state })
  }
  server.register(`/${healthService}/Check`, check, serialize, deserialize, 'unary')
  const watch = (call: ServerWritableStream<Request, HealthCheckResponse>): void => {
    options.streams.add(new Watch(call, options))
  }
  server.register(`/${healthService}/Watch`, watch, serialize, deserialize, 'serverStream')
}

class Watch {
  readonly #call: ServerWritableStream<Request, HealthCheckResponse>
  readonly #options: HealthOptions
  #last: State | undefined
  #timer: Timer | undefined

  constructor(call: ServerWritableStream<Request, HealthCheckResponse>, options: HealthOptions) {
    this.#call = call
    this.#options = options
    call.on('cancelled', () => {
      this.#stop()
    })
    this.#look()
  }

  drain(): void {
    this.#stop()
    this.#tell('NOT_SERVING')
    this.#call.end()
  }

  #look(): void {
    this.#tell(stateOf(this.#call.request.service, this.#options) ?? 'SERVICE_UNKNOWN')
    this.#timer = this.#options.clock.after(lookMs, () => {
      this.#look()
    })
  }

  #tell(state: State): void {
    if (state === this.#last) return
    this.#last = state
    this.#call.write({ status: state })
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#options.streams.delete(this)
  }
}

function stateOf(service: string, options: HealthOptions): State | undefined {
  if (service !== '' && !options.services.has(service)) return undefined
  return options.isServing() ? 'SERVING' : 'NOT_SERVING'
}

function serialize(answer: HealthCheckResponse): Buffer {
  return codecOf<HealthCheckResponse, unknown>(
    path,
    'grpc.health.v1.HealthCheckResponse',
  ).serialize(answer)
}

function deserialize(bytes: Buffer): Request {
  return codecOf<object, Request>(path, 'grpc.health.v1.HealthCheckRequest').deserialize(bytes)
}
