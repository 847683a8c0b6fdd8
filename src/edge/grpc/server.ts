/**
 * Serves gRPC: the `Listeners` port of a node. One grpc-js server a listener, with the services of the
 * operations that the listener serves, the plain door beside Log, health and reflection.
 */
import { Server, type ServerDuplexStream, type UntypedHandleCall } from '@grpc/grpc-js'
import type { ApiName } from '../../core/api/apis.ts'
import type { Endpoint } from '../../core/api/endpoint.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Telemetry } from '../../engine/ports/telemetry.ts'
import type { ListenOptions, Listener, Listeners } from '../../engine/ports/transport.ts'
import { bind } from './bind.ts'
import { type CallFrame, readCall } from './codec/frame.ts'
import { asBuffer, type WireMessage } from './codec/wire-bytes.ts'
import type { Service } from './dispatch.ts'
import { type Drainable, healthService, registerHealth } from './health.ts'
import { Holdings, type Share } from './holdings.ts'
import {
  connectionBytesMax,
  connectionIdleMsMax,
  connectionPingMs,
  frameStallMsMax,
  receiveBytesMax,
} from './limits.ts'
import type { Mapping } from './mapping/mapping.ts'
import { apiNames, mappings } from './mapping/table.ts'
import { openPlainDoor, type PlainDoor, type PlainDoorOptions } from './plain/door.ts'
import { reflectionServices, registerReflection } from './reflection.ts'
import { ServerStream } from './server-stream.ts'
import { Sessions } from './sessions.ts'
import { readUnaryRequest, unaryHandler } from './unary.ts'
import { announceWindows, http2ServersOf } from './window.ts'

/** What the listeners take from their surroundings. */
export interface GrpcListenersOptions {
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Largest record batch that any topic may be set to accept; frames may be 64 KiB longer, at least 1 MiB + 64 KiB. */
  readonly messageBytesMax: number
  /** Most bytes that the connections of all listeners make this process hold, beyond a fair share of each. */
  readonly heldBytesMax: number
  /** What the health service says; absent: that the node takes requests as long as it listens. */
  readonly isServing?: () => boolean
  /** What Publish and Subscribe need; absent: listeners do not serve them. */
  readonly plainDoor?: PlainDoorOptions
}

/** Opens gRPC listeners. */
export class GrpcListeners implements Listeners {
  readonly #options: GrpcListenersOptions
  readonly #holdings: Holdings

  constructor(options: GrpcListenersOptions) {
    this.#options = options
    this.#holdings = new Holdings({
      clock: options.clock,
      bytesMax: options.heldBytesMax,
      connectionBytesMax,
      stallMsMax: frameStallMsMax,
    })
  }

  async listen(options: ListenOptions): Promise<Listener> {
    return GrpcListener.open(options, { ...this.#options, holdings: this.#holdings })
  }
}

/** What a listener is made of. */
interface Parts {
  readonly server: Server
  readonly sessions: Sessions
  readonly streams: Set<Drainable>
  readonly service: Service
  readonly door: PlainDoor | undefined
}

class GrpcListener implements Listener {
  readonly endpoint: Endpoint
  readonly #parts: Parts
  #closing: Promise<void> | undefined

  private constructor(endpoint: Endpoint, parts: Parts) {
    this.endpoint = endpoint
    this.#parts = parts
  }

  static async open(
    listen: ListenOptions,
    options: GrpcListenersOptions & { readonly holdings: Holdings },
  ): Promise<GrpcListener> {
    const { clock, telemetry, holdings } = options
    // Records come only where produce is served; nothing else is larger than an ordinary frame.
    const messageBytesMax = listen.apis.includes('produce') ? options.messageBytesMax : 0
    const frameBytesMax = receiveBytesMax(messageBytesMax)
    const server = new Server({
      'grpc.max_receive_message_length': frameBytesMax,
      'grpc.max_send_message_length': -1,
      'grpc.enable_channelz': 0,
      'grpc.max_connection_idle_ms': connectionIdleMsMax,
      'grpc.keepalive_time_ms': connectionPingMs,
      'grpc.keepalive_timeout_ms': connectionPingMs,
    })
    announceWindows(server)
    const sessions = new Sessions({ clock, holdings, frameBytesMax })
    const brokerCame = (peer: string): void => {
      sessions.raise(peer)
    }
    const shareOf = (peer: string): Share => sessions.shareOf(peer)
    const service: Service = { listen, clock, telemetry, brokerCame, shareOf }
    const streams = new Set<Drainable>()
    const services = namesOf(listen.apis)
    const door =
      options.plainDoor && listen.apis.includes('produce')
        ? openPlainDoor(server, { ...options.plainDoor, service, streams })
        : undefined
    const parts: Parts = { server, sessions, streams, service, door }
    for (const api of apisOfServices(listen.apis)) register(parts, api)
    registerHealth(server, { services, isServing: options.isServing ?? always, clock, streams })
    registerReflection(server, { services, streams })
    const endpoint = { ...listen.endpoint, port: await bind(server, listen.endpoint) }
    for (const http2Server of http2ServersOf(server)) sessions.watch(http2Server)
    return new GrpcListener(endpoint, parts)
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #close(graceMs: number): Promise<void> {
    const { server, sessions, streams, service, door } = this.#parts
    await new Promise<void>((resolve) => {
      server.tryShutdown(() => {
        timer?.cancel()
        resolve()
      })
      const end = (): void => {
        sessions.destroy()
      }
      const timer = graceMs > 0 ? service.clock.after(graceMs, end) : undefined
      if (timer === undefined) end()
      else for (const stream of streams) stream.drain()
    })
    await door?.close()
  }
}

function always(): boolean {
  return true
}

/** Names of the services of a listener that serves these operations. */
function namesOf(apis: readonly ApiName[]): ReadonlySet<string> {
  const ours = apis.map((api) => mappings[api].service)
  return new Set([...ours, healthService, ...reflectionServices])
}

/** The operations of every service that has one of `apis`: those not served are refused by name. */
function apisOfServices(apis: readonly ApiName[]): readonly ApiName[] {
  const services = new Set(apis.map((api) => mappings[api].service))
  return apiNames.filter((api) => services.has(mappings[api].service))
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- A ties the parts inside together
function register<A extends ApiName>(parts: Parts, api: A): void {
  const { server, service, streams } = parts
  const mapping: Mapping<A> = mappings[api]
  const path = `/${mapping.service}/${mapping.method}`
  if (mapping.kind === 'unary') {
    const handler = unaryHandler(api, mapping, service)
    server.register(
      path,
      handler,
      asBuffer,
      (bytes: Buffer) => readUnaryRequest(mapping, bytes),
      'unary',
    )
    return
  }
  const handler: UntypedHandleCall = (
    call: ServerDuplexStream<CallFrame<A>, WireMessage>,
  ): void => {
    const ended = (): void => {
      streams.delete(stream)
    }
    const stream = new ServerStream({ api, mapping, call, service, ended })
    streams.add(stream)
  }
  server.register(path, handler, asBuffer, (bytes: Buffer) => readCall(mapping, bytes), 'bidi')
}
