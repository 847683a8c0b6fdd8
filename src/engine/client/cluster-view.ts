/**
 * The cluster as one client sees it: channels by address, the metadata cache, and the one refresh
 * that runs at a time, whoever asks for it. Producers, consumers and the admin all go through here.
 *
 * Invariants: one channel an address; one refresh at a time; a broker is called only at the address
 * that the newest metadata gives.
 */
import { type NodeId } from '../../base/id.ts'
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { type Outcome } from '../../core/api/error-code.ts'
import { protocolVersions } from '../../core/api/hello.ts'
import { type BrokerDescription } from '../../core/api/metadata.ts'
import { type Address } from '../../core/client/address.ts'
import { MetadataCache } from '../../core/client/metadata-cache.ts'
import { retryPauses } from '../../core/client/retry-policy.ts'
import { TransportFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { type Channel, type RequestOptions } from '../ports/transport.ts'
import { Bell } from '../runtime/bell.ts'
import { sleep } from '../runtime/sleep.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { Backoff } from '../runtime/retry.ts'
import { SluiceError, sluiceErrorOf } from './errors.ts'
import { before, checkDeadline, type Deadline } from './waiting.ts'

/** What the SDK takes from the outside. */
export type ClientPorts = Pick<
  Ports,
  'clock' | 'entropy' | 'transport' | 'compressor' | 'telemetry'
>

/** How long one broker may take to describe the cluster before another is asked, in ms. */
const metadataTimeoutMs = 2000

/** How long a client goes without looking for new leaders and partitions, in ms. */
const metadataAgeMsMax = 60_000

/** Listeners of the quorum are no place for clients. */
const controllerListener = 'CONTROLLER'

/** Shared by everything that one client made. */
export class ClusterView {
  readonly ports: ClientPorts
  readonly cache = new MetadataCache()
  /** Rung after each answer that was learned. */
  readonly learned = new Bell()
  readonly #lifecycle: Lifecycle
  readonly #clientId: string
  readonly #bootstrap: readonly Address[]
  readonly #connectTimeoutMs: number
  readonly #channels = new Map<string, Channel>()
  /** Topics that somebody uses, with how many do. */
  readonly #interest = new Map<string, number>()
  #refreshing: { readonly topics: ReadonlySet<string>; readonly done: Promise<void> } | undefined
  #isRefreshWanted = false
  #isKeptFresh = false

  constructor(
    ports: ClientPorts,
    options: {
      readonly clientId: string
      readonly bootstrap: readonly Address[]
      readonly connectTimeoutMs: number
    },
  ) {
    this.ports = ports
    this.#clientId = options.clientId
    this.#bootstrap = options.bootstrap
    this.#connectTimeoutMs = options.connectTimeoutMs
    this.#lifecycle = new Lifecycle(ports.telemetry)
  }

  /** True once `close` was called. */
  get isClosed(): boolean {
    return this.#lifecycle.isClosing
  }

  /** From now on refreshes ask for the topic as well. */
  use(topic: string): void {
    if (!this.#isKeptFresh) {
      this.#isKeptFresh = true
      this.#lifecycle.spawn('keep-fresh', async (signal) => this.#keepFresh(signal))
    }
    this.#interest.set(topic, (this.#interest.get(topic) ?? 0) + 1)
  }

  /** Undoes one `use`. */
  release(topic: string): void {
    const count = (this.#interest.get(topic) ?? 0) - 1
    if (count > 0) {
      this.#interest.set(topic, count)
      return
    }
    this.#interest.delete(topic)
    this.cache.forget(topic)
  }

  /**
   * Resolves after an answer that was asked for no earlier than this call, about every topic in
   * use. Rejects with `BROKER_UNREACHABLE` when nobody answers, and at the deadline.
   */
  async refresh(deadline: Deadline): Promise<void> {
    const what = 'reading the cluster’s metadata'
    checkDeadline(this.ports.clock, deadline, what)
    const running = this.#refreshing
    const ending = { clock: this.ports.clock, what, outcome: 'refused' } as const
    if (running !== undefined) {
      await before(running.done, deadline, ending).catch((cause: unknown) => {
        checkDeadline(this.ports.clock, deadline, what)
        return cause
      })
    }
    await before(this.#startRefresh(), deadline, ending)
  }

  /**
   * As `refresh`, again and again with growing pauses until somebody answers or the deadline. A
   * cluster that was never reached gets `connectTimeoutMs` at most.
   */
  async refreshUntilReached(until: Deadline): Promise<void> {
    const { clock, entropy } = this.ports
    const isNew = this.cache.clusterId === undefined
    const limitAtMs = isNew ? clock.nowMs() + this.#connectTimeoutMs : Infinity
    const deadline = { ...until, atMs: Math.min(until.atMs, limitAtMs) }
    const backoff = new Backoff(retryPauses, entropy)
    for (;;) {
      try {
        await this.refresh(deadline)
        return
      } catch (cause) {
        const error = sluiceErrorOf(cause, 'reading the cluster’s metadata')
        if (error.code !== 'BROKER_UNREACHABLE') throw error
        const pauseMs = backoff.nextMs()
        if (clock.nowMs() + pauseMs >= deadline.atMs) throw error
        await sleep(clock, pauseMs, deadline.signal)
      }
    }
  }

  /** Asks for fresh metadata in the background; many calls become one. Failures wait for the next call. */
  refreshSoon(): void {
    if (this.#isRefreshWanted) return
    this.#isRefreshWanted = true
    this.#lifecycle.spawn('refresh-metadata', async (signal) => {
      await Promise.resolve()
      this.#isRefreshWanted = false
      try {
        await this.refresh({ atMs: Infinity, signal })
      } catch (cause) {
        this.ports.telemetry.log('debug', 'metadata-refresh-failed', { cause })
      }
    })
  }

  /** Sends a request to a broker by id. Rejects with `TransportFault`; an unknown broker counts as unreachable. */
  async request<A extends ApiName>(
    to: NodeId,
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    const broker = this.cache.brokers.find((candidate) => candidate.id === to)
    const address = broker === undefined ? undefined : addressOf(broker)
    if (address === undefined) {
      throw new TransportFault('unresolved', `broker ${to} is not registered with an address`)
    }
    return this.#channel(address).request(api, request, options)
  }

  /** Addresses worth asking, live brokers first in random order, then the bootstrap list. */
  candidates(): readonly Address[] {
    const live = this.cache.brokers.filter((broker) => !broker.isFenced)
    const addresses = live.map(addressOf).filter((address) => address !== undefined)
    const start = Math.floor(this.ports.entropy.random() * addresses.length)
    const all = [...addresses.slice(start), ...addresses.slice(0, start), ...this.#bootstrap]
    const byKey = new Map(all.map((address) => [keyOf(address), address]))
    return [...byKey.values()]
  }

  /** Where a broker is reached, as last heard; `BROKER_NOT_AVAILABLE` when the cluster has none of that id. */
  addressOfBroker(id: number): Address {
    const { brokers } = this.cache
    const broker = brokers.find((candidate) => candidate.id === id)
    const address = broker === undefined ? undefined : addressOf(broker)
    if (address !== undefined) return address
    const known = brokers.map((candidate) => candidate.id).join(', ')
    const message = `there is no broker ${id}: the cluster has ${known}`
    throw new SluiceError('BROKER_NOT_AVAILABLE', message, { isRetriable: false })
  }

  /** Sends a request to an address, whoever listens there. */
  async requestAt<A extends ApiName>(
    address: Address,
    api: A,
    request: Apis[A]['request'],
    options: RequestOptions,
  ): Promise<Outcome<Apis[A]['response']>> {
    return this.#channel(address).request(api, request, options)
  }

  /** Ends every request and channel. A second call waits as well. */
  async close(): Promise<void> {
    const work = this.#lifecycle.close()
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    await Promise.all(channels.map(async (channel) => channel.close()))
    await work
    this.learned.ring()
  }

  /** So that partitions that were added show without a refusal that tells of them. */
  async #keepFresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.ports.clock, metadataAgeMsMax, signal)
      this.refreshSoon()
    }
  }

  async #startRefresh(): Promise<void> {
    const running = this.#refreshing
    if (running !== undefined && this.#covers(running.topics)) return running.done
    if (running !== undefined) {
      await running.done.catch(() => undefined)
      return this.#startRefresh()
    }
    const topics = new Set(this.#interest.keys())
    const done = this.#refreshOnce(topics).finally(() => {
      this.#refreshing = undefined
    })
    this.#refreshing = { topics, done }
    return done
  }

  #covers(topics: ReadonlySet<string>): boolean {
    for (const topic of this.#interest.keys()) if (!topics.has(topic)) return false
    return true
  }

  async #refreshOnce(topics: ReadonlySet<string>): Promise<void> {
    let lastFailure: string | undefined
    let cause: unknown
    const addresses = this.candidates()
    for (const address of addresses) {
      if (this.isClosed) throw new SluiceError('CLOSED', 'the client is closed')
      try {
        const outcome = await this.requestAt(
          address,
          'metadata',
          { topics: topics.size === 0 ? 'none' : [...topics] },
          { timeoutMs: metadataTimeoutMs, signal: this.#lifecycle.signal },
        )
        if (outcome.ok) {
          this.#learn(outcome.value)
          return
        }
        lastFailure = outcome.message
      } catch (failure) {
        if (!(failure instanceof TransportFault)) throw failure
        cause = failure
        lastFailure = failure.message
      }
    }
    const places = addresses.map(keyOf).join(', ')
    throw new SluiceError(
      'BROKER_UNREACHABLE',
      `no broker answered at ${places} (${(lastFailure ?? 'no address').replace(/\.$/, '')}); check that the cluster is up and the address is right`,
      { cause },
    )
  }

  #learn(answer: Apis['metadata']['response']): void {
    if (!this.cache.learn(answer)) {
      throw new SluiceError(
        'INCONSISTENT_CLUSTER_ID',
        `the address leads to cluster ${answer.clusterId}, the client began with ${this.cache.clusterId ?? 'none'}`,
      )
    }
    this.learned.ring()
  }

  #channel(address: Address): Channel {
    if (this.isClosed) throw new TransportFault('closed', 'the client is closed')
    const key = keyOf(address)
    const open = this.#channels.get(key)
    if (open !== undefined) return open
    const { clusterId } = this.cache
    const channel = this.ports.transport.connect({
      ...address,
      role: 'client',
      hello: {
        ...(clusterId !== undefined && { clusterId }),
        protocolMin: protocolVersions.min,
        protocolMax: protocolVersions.max,
        clientId: this.#clientId,
        features: [],
      },
    })
    this.#channels.set(key, channel)
    return channel
  }
}

function addressOf(broker: BrokerDescription): Address | undefined {
  const endpoint =
    broker.endpoints.find((candidate) => candidate.listener === 'CLIENT') ??
    broker.endpoints.find((candidate) => candidate.listener !== controllerListener)
  return endpoint === undefined ? undefined : { host: endpoint.host, port: endpoint.port }
}

function keyOf(address: Address): string {
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
}
