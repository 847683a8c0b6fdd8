/**
 * The client: one picture of a cluster, and the producers, consumers and admin that share it. It
 * knows the outside only through ports, so the simulator runs it as it is.
 */
import { parseAddresses } from '../../core/client/address.ts'
import { Admin } from './admin.ts'
import { ClusterView, type ClientPorts } from './cluster-view.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { SluiceError } from './errors.ts'
import { Producer } from './producer.ts'
import { type ProducerOptions } from './records.ts'
import { bytesTopic, type TopicHandle, type TopicSerdes } from './topic-handle.ts'

/** Which cluster, and how the client introduces itself. */
export interface ClientOptions {
  /** `host:port` of some brokers, with commas or as a list; IPv6 in brackets. Default `127.0.0.1:7092`. */
  readonly bootstrap?: string | readonly string[]
  /** Shown in the brokers' logs. Default `sluice`. */
  readonly clientId?: string
  /** How long the first contact with the cluster may take, in ms. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** Default limit of admin calls, in ms. Default 30 000. */
  readonly requestTimeoutMs?: number
}

/** Defaults of the SDK, each written here only. */
const producerDefaults: Required<ProducerOptions> = {
  acks: 'all',
  compression: 'none',
  batchBytesMax: 131_072,
  lingerMs: 5,
  bufferBytesMax: 33_554_432,
  waitingCountMax: 65_536,
  deliveryTimeoutMs: 120_000,
  requestTimeoutMs: 30_000,
}

const consumerDefaults: Required<ConsumerOptions> = {
  from: 'latest',
  isolation: 'committed',
  outOfRange: 'earliest',
  fetchBytesMax: 1_048_576,
  bufferBytesMax: 33_554_432,
  fetchWaitMsMax: 500,
  requestTimeoutMs: 30_000,
}

const batchBytesBounds = { min: 512, max: 1_048_576 }

/** The SDK over ports; the package's `Client` gives it the real ones. */
export class ClusterClient {
  readonly admin: Admin
  readonly #cluster: ClusterView
  readonly #open = new Set<Producer | Consumer>()

  /** Throws `INVALID_ARGUMENT` when the bootstrap list makes no sense. Connects with the first call. */
  constructor(ports: ClientPorts, options: ClientOptions = {}) {
    const bootstrap = parseAddresses(options.bootstrap ?? '127.0.0.1:7092')
    if (!bootstrap.ok) throw new SluiceError('INVALID_ARGUMENT', bootstrap.message)
    this.#cluster = new ClusterView(ports, {
      clientId: options.clientId ?? 'sluice',
      bootstrap: bootstrap.addresses,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    })
    this.admin = new Admin(this.#cluster, options.requestTimeoutMs ?? 30_000)
  }

  /** A topic by name with its serdes; asks nobody. Absent serdes mean plain bytes. */
  topic<K = Uint8Array, V = Uint8Array | undefined>(
    name: string,
    serdes: TopicSerdes<K, V> = {},
  ): TopicHandle<K, V> {
    const plain: unknown = bytesTopic(name)
    return { ...(plain as TopicHandle<K, V>), ...serdes }
  }

  /** A producer of its own memory and order. `INVALID_ARGUMENT` for options out of bounds. */
  producer(options: ProducerOptions = {}): Producer {
    this.#checkOpen()
    const full = withDefaults(producerDefaults, options)
    checkBetween('batchBytesMax', full.batchBytesMax, batchBytesBounds)
    checkBetween('lingerMs', full.lingerMs, { min: 0, max: 60_000 })
    checkBetween('bufferBytesMax', full.bufferBytesMax, { min: 1024, max: 2 ** 36 })
    return this.#keep(new Producer(this.#cluster, full))
  }

  /** A consumer; it reads nothing until it is told what. */
  consumer(options: ConsumerOptions = {}): Consumer {
    this.#checkOpen()
    const full = withDefaults(consumerDefaults, options)
    checkBetween('fetchBytesMax', full.fetchBytesMax, { min: 1024, max: 67_108_864 })
    checkBetween('fetchWaitMsMax', full.fetchWaitMsMax, { min: 0, max: 60_000 })
    return this.#keep(new Consumer(this.#cluster, full))
  }

  /** Closes its producers (which send what is left) and consumers, then the connections. A second call waits as well. */
  async close(): Promise<void> {
    try {
      await Promise.all(Array.from(this.#open, async (part) => part.close()))
    } finally {
      await this.#cluster.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #keep<T extends Producer | Consumer>(part: T): T {
    for (const old of this.#open) if (old.isClosed) this.#open.delete(old)
    this.#open.add(part)
    return part
  }

  #checkOpen(): void {
    if (this.#cluster.isClosed) throw new SluiceError('CLOSED', 'the client is closed')
  }
}

/** The options with defaults where they are absent or undefined. */
function withDefaults<T extends object>(defaults: Required<T>, options: T): Required<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const unknown = given.find(([key]) => !Object.hasOwn(defaults, key))
  if (unknown !== undefined) {
    throw new SluiceError('INVALID_ARGUMENT', `there is no option ${unknown[0]}`)
  }
  return { ...defaults, ...Object.fromEntries(given) }
}

function checkBetween(
  name: string,
  value: number,
  bounds: { readonly min: number; readonly max: number },
): void {
  if (value >= bounds.min && value <= bounds.max) return
  const message = `${name} is ${value}, it must be between ${bounds.min} and ${bounds.max}`
  throw new SluiceError('INVALID_ARGUMENT', message)
}
