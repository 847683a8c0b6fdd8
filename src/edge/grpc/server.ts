/** Serves gRPC: the `Listeners` port of a node. */
import { type ListenOptions, type Listener, type Listeners } from '../../engine/ports/transport.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'

/** What the listeners take from their surroundings. */
export interface GrpcListenersOptions {
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Largest record batch that any topic accepts (`message.max.bytes`); frames may be 64 KiB longer, at least 1 MiB + 64 KiB. */
  readonly messageBytesMax: number
}

/** Opens gRPC listeners. */
export class GrpcListeners implements Listeners {
  readonly #options: GrpcListenersOptions

  constructor(options: GrpcListenersOptions) {
    this.#options = options
  }

  async listen(options: ListenOptions): Promise<Listener> {
    return Promise.reject(
      new Error(`not yet: ${options.endpoint.port} ${this.#options.messageBytesMax}`),
    )
  }
}
