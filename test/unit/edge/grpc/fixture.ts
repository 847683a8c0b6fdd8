/** A listener and a channel over real sockets on a free port, closed with the scope that holds them. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { type ApiName, type Apis } from '../../../../src/core/api/apis.ts'
import { type Outcome, refuse } from '../../../../src/core/api/error-code.ts'
import { type Hello } from '../../../../src/core/api/hello.ts'
import { type RequestContext } from '../../../../src/core/api/request-context.ts'
import { clusterId, nodeId, offset, partitionIndex, topicId } from '../../../../src/base/id.ts'
import { nativeCompressor } from '../../../../src/edge/compression/codecs.ts'
import { systemClock } from '../../../../src/edge/system/system-clock.ts'
import { GrpcListeners } from '../../../../src/edge/grpc/server.ts'
import { GrpcTransport, type GrpcTransportOptions } from '../../../../src/edge/grpc/transport.ts'
import { apiNames } from '../../../../src/edge/grpc/mapping/table.ts'
import {
  type Channel,
  type ConnectOptions,
  type Listener,
} from '../../../../src/engine/ports/transport.ts'
import { type RequestHandler } from '../../../../src/engine/ports/request-handler.ts'

/** Cluster of every listener here. */
export const cluster = clusterId('AAAAAAAAAAAAAAAAAAAAAA')

/** A topic. */
export const topic = topicId('BBBBBBBBBBBBBBBBBBBBBB')

/** The Hello of a client of that cluster. */
export const clientHello: Hello = {
  clusterId: cluster,
  protocolMin: 1,
  protocolMax: 1,
  clientId: 'test',
  features: [],
}

/** Ports of the host; nothing is logged. */
export const surroundings: GrpcTransportOptions = {
  clock: systemClock(),
  telemetry: { log: () => undefined },
}

/** Answers by operation; what is not named is refused. */
export type Answers = {
  readonly [A in ApiName]?: (
    request: Apis[A]['request'],
    context: RequestContext,
  ) => Promise<Outcome<Apis[A]['response']>>
}

/** A handler made of answers. */
export function handlerOf(answers: Answers): RequestHandler {
  return {
    handle: async <A extends ApiName>(
      api: A,
      request: Apis[A]['request'],
      context: RequestContext,
    ): Promise<Outcome<Apis[A]['response']>> => {
      const answer: Answers[A] = answers[api]
      if (answer === undefined) return refuse('INVALID_REQUEST', `no answer to ${api}`)
      return answer(request, context)
    },
  }
}

/** A listener that serves everything, or the operations named. */
export async function serve(
  answers: Answers,
  options: {
    readonly port?: number
    readonly apis?: readonly ApiName[]
    readonly heldBytesMax?: number
    readonly hasPlainDoor?: true
  } = {},
): Promise<Listener> {
  const listeners = new GrpcListeners({
    ...surroundings,
    messageBytesMax: 1024 * 1024,
    heldBytesMax: options.heldBytesMax ?? 128 * 1024 * 1024,
    ...(options.hasPlainDoor && {
      plainDoor: { transport: new GrpcTransport(surroundings), compressor: nativeCompressor() },
    }),
  })
  return listeners.listen({
    endpoint: { listener: 'CLIENT', host: '127.0.0.1', port: options.port ?? 0 },
    clusterId: cluster,
    nodeId: nodeId(1),
    apis: options.apis ?? apiNames,
    handler: handlerOf(answers),
  })
}

/** A channel to a port of this machine. */
export function connect(port: number, options: Partial<ConnectOptions> = {}): Channel {
  const transport = new GrpcTransport(surroundings)
  return transport.connect({
    host: '127.0.0.1',
    port,
    hello: clientHello,
    role: 'client',
    ...options,
  })
}

/** A listener and a channel to it for one test. */
export async function pair(
  answers: Answers,
  options: Partial<ConnectOptions> = {},
): Promise<AsyncDisposable & { readonly listener: Listener; readonly channel: Channel }> {
  const listener = await serve(answers)
  const channel = connect(listener.endpoint.port, options)
  return {
    listener,
    channel,
    [Symbol.asyncDispose]: async () => {
      await channel.close()
      await listener.close({ graceMs: 0 })
    },
  }
}

/** A produce request of one entry with these bytes. */
export function produceOf(bytes: number, fill = 7): Apis['produce']['request'] {
  const records = new Uint8Array(bytes).fill(fill)
  return { acks: 'all', partitions: [{ topicId: topic, partition: partitionIndex(0), records }] }
}

/** Success of a produce at an offset. */
export function producedAt(at: number): Outcome<Apis['produce']['response']> {
  const answer = {
    topicId: topic,
    partition: partitionIndex(0),
    baseOffset: offset(at),
    logStartOffset: offset(0),
  }
  return { ok: true, value: { partitions: [answer] } }
}

/** A promise to be resolved from outside. */
export function deferred<T>(): {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
} {
  let settle: ((value: T) => void) | undefined
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: (value) => settle?.(value) }
}

/** The fault's code of a promise that must reject. */
export async function faultCodeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await promise }
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? cause.code : cause
  }
}

/** Answers nothing; says when a request started and when its signal was aborted. */
export function hanging(
  aborted: (api: ApiName) => void,
  started: () => void = () => undefined,
): Answers {
  const hang = (api: ApiName) => async (_: unknown, context: RequestContext) => {
    context.signal?.addEventListener('abort', () => {
      aborted(api)
    })
    started()
    return new Promise<never>(() => undefined)
  }
  return { produce: hang('produce'), metadata: hang('metadata') }
}

/** Makes a server listen on a port of this machine; 0 takes a free one. */
export async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listenOn(server, 0)
  server.close()
  await once(server, 'close')
  return port
}
