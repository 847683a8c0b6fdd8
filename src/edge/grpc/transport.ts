/**
 * Calls other nodes over gRPC: the `Transport` port of brokers, controllers, the SDK and the CLI. A
 * channel makes a connection with its first request, and a new one with the first request after the
 * old one broke; how long to wait in between is the caller's business.
 */
import { createConnection } from 'node:net'
import type { ApiName, Apis } from '../../core/api/apis.ts'
import type { Outcome } from '../../core/api/error-code.ts'
import type { HelloAnswer } from '../../core/api/hello.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { TransportFault } from '../../engine/ports/fault.ts'
import type { Telemetry } from '../../engine/ports/telemetry.ts'
import type {
  Channel,
  ConnectOptions,
  ProbeResult,
  RequestOptions,
  Transport,
} from '../../engine/ports/transport.ts'
import { Connection } from './connection.ts'
import { OutgoingFrames } from './outgoing-frames.ts'

/** What the transport takes from its surroundings. */
export interface GrpcTransportOptions {
  readonly clock: Clock
  readonly telemetry: Telemetry
}

/** Opens channels over gRPC. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions
  readonly #frames = new OutgoingFrames()

  constructor(options: GrpcTransportOptions) {
    this.#options = options
  }

  /** A channel to one endpoint; nothing is sent before its first request. */
  connect(options: ConnectOptions): Channel {
    return new GrpcChannel(options, { ...this.#options, frames: this.#frames })
  }

  /** One TCP connect and close. */
  async probe(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
    return new Promise((resolve) => {
      const socket = createConnection({ host, port })
      const finish = (result: ProbeResult): void => {
        timer.cancel()
        socket.destroy()
        resolve(result)
      }
      const timer = this.#options.clock.after(timeoutMs, () => {
        finish('silent')
      })
      socket.on('connect', () => {
        finish('accepted')
      })
      socket.on('error', (cause: NodeJS.ErrnoException) => {
        finish(cause.code === 'ECONNREFUSED' ? 'refused' : 'silent')
      })
    })
  }
}

interface ChannelSurroundings extends GrpcTransportOptions {
  readonly frames: OutgoingFrames
}

class GrpcChannel implements Channel {
  readonly #options: ConnectOptions
  readonly #surroundings: ChannelSurroundings
  #connection: Connection | undefined
  #peer: HelloAnswer | undefined
  #isClosed = false

  constructor(options: ConnectOptions, surroundings: ChannelSurroundings) {
    this.#options = options
    this.#surroundings = surroundings
  }

  async request<A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    if (this.#isClosed) throw closedFault()
    this.#connection ??= this.#connect()
    return this.#connection.request(api, request, options)
  }

  peer(): HelloAnswer | undefined {
    return this.#connection?.peer() ?? this.#peer
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection?.close(closedFault())
    return Promise.resolve()
  }

  #connect(): Connection {
    const { clock, telemetry, frames } = this.#surroundings
    const { host, port } = this.#options
    const connection = new Connection({
      connect: this.#options,
      clock,
      frames,
      broken: ({ code, message }) => {
        telemetry.log('debug', 'connection-ended', { host, port, code, message })
        this.#peer = connection.peer() ?? this.#peer
        if (this.#connection === connection) this.#connection = undefined
      },
    })
    return connection
  }
}

function closedFault(): TransportFault {
  return new TransportFault('closed', 'The channel is closed.')
}
