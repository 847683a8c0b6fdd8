/** Calls other nodes over gRPC: the `Transport` port of brokers, controllers, the SDK and the CLI. */
import {
  type Channel,
  type ConnectOptions,
  type ProbeResult,
  type Transport,
} from '../../engine/ports/transport.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'

/** What the transport takes from its surroundings. */
export interface GrpcTransportOptions {
  readonly clock: Clock
  readonly telemetry: Telemetry
}

/** Opens channels over gRPC. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions

  constructor(options: GrpcTransportOptions) {
    this.#options = options
  }

  connect(options: ConnectOptions): Channel {
    throw new Error(`not yet: ${options.host} ${this.#options.clock.nowMs()}`)
  }

  async probe(host: string, port: number, timeoutMs: number): Promise<ProbeResult> {
    return Promise.reject(new Error(`not yet: ${host} ${port} ${timeoutMs}`))
  }
}
