/**
 * The network as the engine sees it: channels to other nodes with typed, correlated requests, and
 * listeners that hand requests to a handler. Implemented by `edge/grpc` and by `sim/sim-network`.
 */
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { type Outcome } from '../../core/api/error-code.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Hello, type HelloAnswer } from '../../core/api/hello.ts'
import { type ClusterId, type NodeId } from '../../base/id.ts'
import { type RequestHandler } from './request-handler.ts'

/** How one request waits. */
export interface RequestOptions {
  /** After it the request rejects with `TransportFault('timeout')`; its outcome is unknown. */
  readonly timeoutMs: number
  /** Aborting sends Cancel and rejects with `TransportFault('cancelled')`. */
  readonly signal?: AbortSignal
}

/** Whom to call and how to introduce oneself. */
export interface ConnectOptions {
  readonly host: string
  readonly port: number
  readonly hello: Hello
  /** Size of the receive windows: between brokers 4 MiB, for clients 1 MiB. */
  readonly role: 'broker' | 'client'
}

/**
 * A connection of its own to one endpoint; streams in it open with their first use and Hello. When
 * it breaks, every request in flight rejects with `TransportFault`; later requests connect again at
 * once (back-off is the caller's). Requests of one api keep their order on the wire.
 */
export interface Channel {
  readonly request: <A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ) => Promise<Outcome<Apis[A]['response']>>
  /** Who answered the latest Hello; absent before. */
  readonly peer: () => HelloAnswer | undefined
  readonly close: () => Promise<void>
}

/** Why a probe of an endpoint thinks what it thinks. Only `refused` is evidence of a crash. */
export type ProbeResult = 'accepted' | 'refused' | 'silent'

/** Opens channels. */
export interface Transport {
  /** Returns at once; the connection is made by the first request. */
  readonly connect: (options: ConnectOptions) => Channel
  /** One TCP connect and close. */
  readonly probe: (host: string, port: number, timeoutMs: number) => Promise<ProbeResult>
}

/** What a listener serves. */
export interface ListenOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly endpoint: Endpoint
  /** Hellos for another cluster are refused. */
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  /** Requests for other operations are refused. */
  readonly apis: readonly ApiName[]
  readonly handler: RequestHandler
}

/** A bound listener. */
export interface Listener {
  /** With the real port. */
  readonly endpoint: Endpoint
  /** Ends streams after their requests in flight, at most `graceMs`. */
  readonly close: (options: { readonly graceMs: number }) => Promise<void>
}

/** Opens listeners. Rejects with `TransportFault('refused')` when the port is in use. */
export interface Listeners {
  readonly listen: (options: ListenOptions) => Promise<Listener>
}
