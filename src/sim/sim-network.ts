/**
 * The simulated network: hosts by name, ports, connections, and the faults of TCP. Nothing is
 * corrupted and no stream duplicates; what a real network can do to a stream is delay, silence,
 * refusal and reset, and a reset may lose the request, the answer, or neither.
 */
import { type Random } from '../base/random.ts'
import { protocolVersions } from '../core/api/hello.ts'
import { StorageFault, TransportFault } from '../engine/ports/fault.ts'
import {
  type Channel,
  type ConnectOptions,
  type Listener,
  type Listeners,
  type ListenOptions,
  type ProbeResult,
  type Transport,
} from '../engine/ports/transport.ts'
import {
  type BoundListener,
  type ConnectionSurroundings,
  type ServedRequest,
  SimConnection,
} from './sim-connection.ts'
import { SimLinks } from './sim-links.ts'
import { type SimProcess } from './sim-process.ts'
import { type SimScheduler } from './sim-scheduler.ts'

const firstFreePort = 30_000
const synRetryMs = 200
const breakLagMsMax = 2000
const idleCheckMs = 1

/** Hosts, wires and faults. */
export class SimNetwork {
  readonly links: SimLinks
  /** Share of messages around which the connection is reset. */
  resetChance = 0
  readonly #scheduler: SimScheduler
  readonly #random: Random
  readonly #around: ConnectionSurroundings
  readonly #listeners = new Map<string, BoundListener>()
  readonly #hosts = new Map<string, { isOn: boolean }>()
  readonly #connections = new Set<SimConnection>()
  #nextPort = firstFreePort

  /**
   * `onDefect` hears of handlers that failed with something that is no fault of the outside, `onAnswer`
   * of every answer that a host gives.
   */
  constructor(
    scheduler: SimScheduler,
    onDefect: (host: string, cause: unknown) => void,
    onAnswer: (served: ServedRequest) => void = () => undefined,
  ) {
    this.#scheduler = scheduler
    this.#random = scheduler.random.fork('network')
    this.links = new SimLinks(scheduler)
    this.#around = {
      links: this.links,
      isReset: () => this.resetChance > 0 && this.#random.chance(this.resetChance),
      breakLagMs: () => this.#random.next() ** 2 * breakLagMsMax,
      onDefect: (host, cause) => {
        if (!(cause instanceof StorageFault) && !(cause instanceof TransportFault))
          onDefect(host, cause)
      },
      onAnswer,
      trace: (fact) => {
        scheduler.trace(fact)
      },
    }
  }

  /** The network ports of a process that starts on `host`; they end with it. */
  portsOf(
    host: string,
    process: SimProcess,
  ): { readonly transport: Transport; readonly listeners: Listeners } {
    this.#hosts.set(host, { isOn: true })
    process.whenKilled(() => {
      this.#processEnded(host, process)
    })
    return {
      transport: {
        connect: (options) => this.#channel({ process, host }, options),
        probe: async (to, port, timeoutMs) =>
          this.#probe({ process, host }, { host: to, port, timeoutMs }),
      },
      listeners: { listen: async (options) => this.#listen({ process, host }, options) },
    }
  }

  /** The host lost power: nobody refuses there any more, there is only silence, until a process starts. */
  powerOff(host: string): void {
    this.#hosts.set(host, { isOn: false })
  }

  /** Resets every connection between two hosts. */
  resetBetween(one: string, other: string): void {
    for (const connection of [...this.#connections]) {
      const { client, server } = connection.hosts
      if ([`${client}>${server}`, `${server}>${client}`].includes(`${one}>${other}`))
        connection.reset()
    }
  }

  #processEnded(host: string, process: SimProcess): void {
    for (const [key, listener] of [...this.#listeners])
      if (listener.process === process) this.#listeners.delete(key)
    for (const connection of [...this.#connections]) {
      const { client, server } = connection.hosts
      if (client !== host && server !== host) continue
      // The kernel of the dead process resets its connections, as far as the wire lets it.
      const end = (): void => {
        connection.breakClient('disconnected', `${host} closed the connection`)
        connection.breakServer()
        this.#connections.delete(connection)
      }
      const lane = { from: host, to: client === host ? server : client, lastAtMs: 0 }
      if (this.#hosts.get(host)?.isOn === true) this.links.transmit(lane, end)
      else this.#scheduler.after(this.#random.next() * 10_000, end)
    }
  }

  #channel(
    from: { readonly process: SimProcess; readonly host: string },
    options: ConnectOptions,
  ): Channel {
    let connection: SimConnection | undefined
    let isClosed = false
    const answered = (): SimConnection['answer'] => connection?.answer
    let peer: SimConnection['answer']
    return {
      request: async (api, request, how) => {
        if (isClosed) throw new TransportFault('closed', 'the channel is closed')
        if (how.signal?.aborted === true) throw new TransportFault('cancelled', 'aborted before')
        peer = answered() ?? peer
        if (connection?.isUsable !== true) connection = this.#connect(from, options)
        return connection.request(api, request, how)
      },
      peer: () => answered() ?? peer,
      close: async () => {
        isClosed = true
        const closing = connection
        closing?.breakClient('closed', 'the channel was closed')
        if (closing !== undefined)
          this.links.transmit(closing.lane('end', 'out'), () => {
            closing.breakServer()
            this.#connections.delete(closing)
          })
        return Promise.resolve()
      },
    }
  }

  #connect(
    from: { readonly process: SimProcess; readonly host: string },
    options: ConnectOptions,
  ): SimConnection {
    for (const old of this.#connections) if (!old.isUsable) this.#connections.delete(old)
    const connection = new SimConnection(this.#around, from, options)
    this.#connections.add(connection)
    const knock = (): void => {
      this.links.transmit(connection.lane('connect', 'out'), () => {
        this.#knocked(from.process, connection, options, knock)
      })
    }
    knock()
    return connection
  }

  #knocked(
    client: SimProcess,
    connection: SimConnection,
    options: ConnectOptions,
    knock: () => void,
  ): void {
    if (!connection.isConnecting) return
    const host = this.#hosts.get(options.host)
    const back = connection.lane('connect', 'back')
    const fail = (code: 'refused' | 'rejected' | 'unresolved', why: string): void => {
      this.links.transmit(back, () => {
        connection.breakClient(code, why)
        this.#connections.delete(connection)
      })
    }
    if (host === undefined) {
      fail('unresolved', `${options.host} has no address`)
      return
    }
    if (!host.isOn) {
      client.after(synRetryMs, () => {
        if (connection.isConnecting && connection.pendingCount > 0) knock()
        else connection.breakClient('disconnected', 'no answer')
      })
      return
    }
    const listener = this.#listeners.get(keyOf(options.host, options.port))
    if (listener?.isAccepting !== true) {
      fail('refused', `nobody listens at ${options.host}:${options.port}`)
      return
    }
    listener.process.enter(() => {
      const why = refusalOf(options, listener.options)
      if (why === undefined) connection.accept(listener)
      else fail('rejected', why)
    })
  }

  async #probe(
    from: { readonly process: SimProcess; readonly host: string },
    to: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  ): Promise<ProbeResult> {
    return new Promise((resolve) => {
      from.process.after(to.timeoutMs, () => {
        resolve('silent')
      })
      this.links.transmit({ from: from.host, to: to.host, lastAtMs: 0 }, () => {
        if (this.#hosts.get(to.host)?.isOn !== true) return
        const isBound = this.#listeners.get(keyOf(to.host, to.port))?.isAccepting === true
        this.links.transmit({ from: to.host, to: from.host, lastAtMs: 0 }, () => {
          from.process.enter(() => {
            resolve(isBound ? 'accepted' : 'refused')
          })
        })
      })
    })
  }

  async #listen(
    on: { readonly process: SimProcess; readonly host: string },
    options: ListenOptions,
  ): Promise<Listener> {
    await Promise.resolve()
    const port = options.endpoint.port === 0 ? this.#nextPort++ : options.endpoint.port
    const key = keyOf(on.host, port)
    if (this.#listeners.has(key)) throw new TransportFault('refused', `port ${port} is in use`)
    const bound: BoundListener = {
      ...on,
      options,
      connections: new Set(),
      isAccepting: true,
    }
    this.#listeners.set(key, bound)
    return {
      endpoint: { ...options.endpoint, port },
      close: async ({ graceMs }) => {
        bound.isAccepting = false
        if (this.#listeners.get(key) === bound) this.#listeners.delete(key)
        await untilIdle(bound, graceMs)
        for (const connection of [...bound.connections]) connection.reset()
      },
    }
  }
}

function keyOf(host: string, port: number): string {
  return `${host}:${port}`
}

/** Resolves when no connection of a listener works on a request any more, at the latest after `graceMs`. */
async function untilIdle(bound: BoundListener, graceMs: number): Promise<void> {
  const endAtMs = bound.process.scheduler.nowMs() + graceMs
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const isIdle = [...bound.connections].every(({ servingCount }) => servingCount === 0)
      if (isIdle || bound.process.scheduler.nowMs() >= endAtMs) resolve()
      else bound.process.after(idleCheckMs, look)
    }
    bound.process.after(idleCheckMs, look)
  })
}

function refusalOf(options: ConnectOptions, server: ListenOptions): string | undefined {
  const { clusterId, protocolMin, protocolMax } = options.hello
  if (clusterId !== undefined && clusterId !== server.clusterId)
    return `the node belongs to cluster ${server.clusterId}, not ${clusterId}`
  if (protocolMin > protocolVersions.max || protocolMax < protocolVersions.min)
    return `no common protocol version with ${protocolMin} to ${protocolMax}`
  return undefined
}
