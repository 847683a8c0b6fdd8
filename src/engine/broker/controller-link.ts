/**
 * Requests to the active controller, wherever it is at the moment. One link is one connection, so
 * heartbeats have a link of their own; it connects anew when the controller moves or when this
 * broker's epoch, which its Hello carries, changes.
 */
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Hello } from '../../core/api/hello.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Channel, type RequestOptions, type Transport } from '../ports/transport.ts'

/** How to find the controller and say who asks. */
export interface ControllerLinkParts {
  readonly transport: Transport
  readonly controller: () => Endpoint | undefined
  readonly hello: () => Hello
}

/** A connection that follows the active controller. */
export class ControllerLink {
  readonly #parts: ControllerLinkParts
  #open: { readonly key: string; readonly channel: Channel } | undefined
  #closing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: ControllerLinkParts) {
    this.#parts = parts
  }

  /** The controller's answer; `NOT_CONTROLLER` while none is known. Rejects with `TransportFault`. */
  async request<A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    const endpoint = this.#parts.controller()
    if (this.#isClosed) throw new TransportFault('closed', 'the link to the controller is closed')
    if (endpoint === undefined) return refuse('NOT_CONTROLLER', 'no active controller is known')
    return this.#channel(endpoint).request(api, request, options)
  }

  /** Closes the connection; a second call waits as well. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#drop()
    await this.#closing
  }

  #channel(endpoint: Endpoint): Channel {
    const hello = this.#parts.hello()
    const key = `${endpoint.host}:${endpoint.port}/${hello.broker?.brokerEpoch ?? ''}`
    if (this.#open?.key === key) return this.#open.channel
    this.#drop()
    const { host, port } = endpoint
    const channel = this.#parts.transport.connect({ host, port, hello, role: 'broker' })
    this.#open = { key, channel }
    return channel
  }

  #drop(): void {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    this.#closing = Promise.all([this.#closing, open.channel.close()]).then(() => undefined)
  }
}
