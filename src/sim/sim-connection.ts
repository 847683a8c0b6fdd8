/**
 * One simulated connection: a client's end, a server's end, and the messages between them. Either
 * end can break by itself: a client that saw a reset may retry elsewhere while the server still works
 * on what it had received, which is how duplicates and reordering across connections come about.
 *
 * Invariants: a request is settled at most once; after its end broke, nothing more is handed to it.
 */
import { type ApiName, type Apis } from '../core/api/apis.ts'
import { type Outcome, refuse } from '../core/api/error-code.ts'
import { type HelloAnswer } from '../core/api/hello.ts'
import { TransportFault, type TransportFaultCode } from '../engine/ports/fault.ts'
import {
  type ConnectOptions,
  type ListenOptions,
  type RequestOptions,
} from '../engine/ports/transport.ts'
import { type Lane, type SimLinks } from './sim-links.ts'
import { messageCopy } from './sim-message.ts'
import { type SimProcess } from './sim-process.ts'

/** A bound port. */
export interface BoundListener {
  readonly host: string
  readonly process: SimProcess
  readonly options: ListenOptions
  readonly connections: Set<SimConnection>
  isAccepting: boolean
}

/** What a connection needs of the network around it. */
export interface ConnectionSurroundings {
  readonly links: SimLinks
  /** Decides, per message sent, whether the connection is reset around it. */
  readonly isReset: () => boolean
  /** A time in ms by which one end learns of a break later than the other. */
  readonly breakLagMs: () => number
  /** A handler failed with something that is not an expected fault. */
  readonly onDefect: (host: string, cause: unknown) => void
  /** A host answered a request; the answer is about to leave. */
  readonly onAnswer: (served: ServedRequest) => void
  /** Folds a fact into the trace. */
  readonly trace: (fact: string) => void
}

/** A request and its answer, as the host that gave it saw them. */
export interface ServedRequest {
  readonly host: string
  readonly api: ApiName
  readonly request: Apis[ApiName]['request']
  readonly outcome: Outcome<unknown>
}

interface Message {
  readonly id: number
  readonly api: ApiName
  readonly request: Apis[ApiName]['request']
  readonly timeoutMs: number
}

interface PendingRequest {
  readonly api: ApiName
  readonly send: () => void
  readonly resolve: (outcome: Outcome<unknown>) => void
  readonly reject: (fault: TransportFault) => void
}

/** When, within the time that the server's end outlives the client's, a straggler is sent on. */
const stragglerShare = 0.8

/** Both ends and the wire between them. */
export class SimConnection {
  readonly #around: ConnectionSurroundings
  readonly #client: SimProcess
  readonly #clientHost: string
  readonly #to: ConnectOptions
  readonly #pending = new Map<number, PendingRequest>()
  readonly #serving = new Map<number, AbortController>()
  readonly #lanes = new Map<string, Lane>()
  #server: BoundListener | undefined
  #state: 'connecting' | 'open' | 'broken' = 'connecting'
  #isServerBroken = false
  #requestCount = 0
  /** The server's answer to the Hello, once it came. */
  answer: HelloAnswer | undefined

  constructor(
    around: ConnectionSurroundings,
    client: { readonly process: SimProcess; readonly host: string },
    to: ConnectOptions,
  ) {
    this.#around = around
    this.#client = client.process
    this.#clientHost = client.host
    this.#to = to
  }

  /** Whether the client's end can take more requests. */
  get isUsable(): boolean {
    return this.#state !== 'broken'
  }

  /** Whether the connection still waits for the server's Hello. */
  get isConnecting(): boolean {
    return this.#state === 'connecting'
  }

  /** Requests without an answer yet. */
  get pendingCount(): number {
    return this.#pending.size
  }

  /** Requests that the server works on. */
  get servingCount(): number {
    return this.#serving.size
  }

  /** Names of both ends. */
  get hosts(): { readonly client: string; readonly server: string } {
    return { client: this.#clientHost, server: this.#to.host }
  }

  /** The lane of one kind of message in one direction. */
  lane(kind: string, direction: 'out' | 'back'): Lane {
    const key = `${kind}/${direction}`
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      const [from, to] =
        direction === 'out' ? [this.#clientHost, this.#to.host] : [this.#to.host, this.#clientHost]
      lane = { from, to, lastAtMs: 0 }
      this.#lanes.set(key, lane)
    }
    return lane
  }

  /** The server took the connection. */
  accept(server: BoundListener): void {
    this.#server = server
    server.connections.add(this)
    const answer: HelloAnswer = {
      clusterId: server.options.clusterId,
      nodeId: server.options.nodeId,
      protocol: 1,
      features: [],
    }
    this.#around.links.transmit(this.lane('hello', 'back'), () => {
      if (this.#state !== 'connecting') return
      this.#client.enter(() => {
        this.#state = 'open'
        this.answer = answer
        for (const { send } of [...this.#pending.values()]) send()
      })
    })
  }

  /** Sends a request, when the connection is open; settles with its answer or a fault. */
  async request<A extends ApiName>(
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    const id = this.#requestCount++
    const copy = messageCopy(request)
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        timer.cancel()
        options.signal?.removeEventListener('abort', cancel)
        return this.#pending.delete(id)
      }
      const fail = (fault: TransportFault): void => {
        if (settle()) reject(fault)
      }
      const cancel = (): void => {
        fail(new TransportFault('cancelled', `${api} to ${this.#to.host} was cancelled`))
        this.#around.links.transmit(this.lane(api, 'out'), () => {
          this.#serving.get(id)?.abort()
        })
      }
      const timer = this.#client.after(options.timeoutMs, () => {
        fail(new TransportFault('timeout', `${api} to ${this.#to.host}: no answer`))
      })
      this.#pending.set(id, {
        api,
        send: () => {
          this.#send({ id, api, request: copy, timeoutMs: options.timeoutMs })
        },
        resolve: (outcome) => {
          if (settle()) resolve(outcome as Outcome<Apis[A]['response']>)
        },
        reject: fail,
      })
      options.signal?.addEventListener('abort', cancel, { once: true })
      if (this.#state === 'open') this.#pending.get(id)?.send()
    })
  }

  /** The client's end breaks: everything pending fails. */
  breakClient(code: TransportFaultCode, why: string): void {
    if (this.#state === 'broken') return
    this.#state = 'broken'
    this.#client.enter(() => {
      for (const { reject } of [...this.#pending.values()]) reject(new TransportFault(code, why))
    })
  }

  /** The server's end breaks: what it works on is aborted, and what it answers is lost. */
  breakServer(): void {
    if (this.#isServerBroken) return
    this.#isServerBroken = true
    const server = this.#server
    if (server === undefined) return
    server.connections.delete(this)
    server.process.enter(() => {
      for (const controller of [...this.#serving.values()]) controller.abort()
      this.#serving.clear()
    })
  }

  /** A reset on the wire: one end learns of it now, the other some time later. */
  reset(lagMs = this.#around.breakLagMs()): void {
    const isClientFirst = lagMs % 2 < 1
    const why = `connection to ${this.#to.host} was reset`
    if (isClientFirst) this.breakClient('disconnected', why)
    else this.breakServer()
    this.#client.scheduler.after(lagMs, () => {
      if (isClientFirst) this.breakServer()
      else this.breakClient('disconnected', why)
    })
  }

  #send(message: Message): void {
    if (this.#around.isReset()) {
      const lagMs = this.#around.breakLagMs()
      this.reset(lagMs)
      // Taken by the server's kernel before the reset, read by its process much later.
      this.#client.scheduler.after(lagMs * stragglerShare, () => {
        this.#deliver(message)
      })
      return
    }
    this.#deliver(message)
  }

  #deliver(message: Message): void {
    this.#around.links.transmit(this.lane(message.api, 'out'), () => {
      const server = this.#server
      if (server === undefined || this.#isServerBroken) return
      this.#around.trace(`${this.#clientHost}>${this.#to.host} ${message.api}`)
      server.process.enter(() => {
        this.#serve(server, message)
      })
    })
  }

  #serve(server: BoundListener, message: Message): void {
    if (this.#isServerBroken) return
    const { api, id } = message
    const controller = new AbortController()
    this.#serving.set(id, controller)
    const hello = this.#to.hello
    const context = {
      principal: 'User:anonymous',
      listener: server.options.endpoint.listener,
      clientId: hello.clientId,
      peer: this.#clientHost,
      deadlineAtMs: server.process.scheduler.nowMs() + message.timeoutMs,
      signal: controller.signal,
      ...(hello.broker && { broker: hello.broker }),
    }
    const isServed = server.options.apis.includes(api)
    const outcome: Promise<Outcome<unknown>> = isServed
      ? server.options.handler.handle(api, message.request, context)
      : Promise.resolve(refuse('INVALID_REQUEST', `${api} is not served here`))
    outcome.then(
      (value) => {
        this.#answer(server, message, value)
      },
      (cause: unknown) => {
        this.#around.onDefect(server.host, cause)
        this.#answer(server, message, refuse('UNKNOWN_SERVER_ERROR', 'the node failed'))
      },
    )
  }

  #answer(
    server: BoundListener,
    message: {
      readonly id: number
      readonly api: ApiName
      readonly request: Apis[ApiName]['request']
    },
    outcome: Outcome<unknown>,
  ): void {
    if (!server.process.isAlive) return
    const { api, request } = message
    this.#around.onAnswer({ host: server.host, api, request, outcome })
    if (!this.#serving.delete(message.id) || this.#isServerBroken) return
    const copy = messageCopy(outcome)
    if (this.#around.isReset()) {
      this.reset()
      return
    }
    this.#around.links.transmit(this.lane(message.api, 'back'), () => {
      if (this.#state === 'broken') return
      this.#around.trace(`${this.#to.host}>${this.#clientHost} ${message.api}`)
      this.#client.enter(() => {
        this.#pending.get(message.id)?.resolve(copy)
      })
    })
  }
}
