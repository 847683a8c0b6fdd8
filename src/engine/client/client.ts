/**
 * The client: one picture of a cluster, and the producers, consumers and admin that share it. It
 * knows the outside only through ports, so the simulator runs it as it is.
 */
import { parseAddresses } from '../../core/client/address.ts'
import {
  clientBounds,
  clientChoices,
  clientDefaults,
  consumerDefaults,
  producerDefaults,
} from '../../core/config/client-defaults.ts'
import { Admin } from './admin.ts'
import { ClusterView, type ClientPorts } from './cluster-view.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { SluiceError, sluiceErrorOf } from './errors.ts'
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

/** The SDK over ports; the package's `Client` gives it the real ones. */
export class ClusterClient {
  readonly admin: Admin
  readonly #cluster: ClusterView
  readonly #open = new Set<Producer | Consumer>()
  #isClosing = false

  /** Throws `INVALID_ARGUMENT` when the bootstrap list makes no sense. Connects with the first call. */
  constructor(ports: ClientPorts, options: ClientOptions = {}) {
    const full = withDefaults<ClientOptions>(clientDefaults, options)
    const bootstrap = parseAddresses(full.bootstrap)
    if (!bootstrap.ok) throw new SluiceError('INVALID_ARGUMENT', bootstrap.message)
    this.#cluster = new ClusterView(ports, {
      clientId: full.clientId,
      bootstrap: bootstrap.addresses,
      connectTimeoutMs: full.connectTimeoutMs,
    })
    this.admin = new Admin(this.#cluster, full.requestTimeoutMs)
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
    const full = withDefaults<ProducerOptions>(producerDefaults, options)
    if (options.idempotent === true && full.acks !== 'all') {
      const message = `an idempotent producer needs acks 'all', not ${full.acks}`
      throw new SluiceError('INVALID_ARGUMENT', message)
    }
    const idempotent = full.idempotent && full.acks === 'all'
    return this.#keep(new Producer(this.#cluster, { ...full, idempotent }))
  }

  /** A consumer; it reads nothing until it is told what. */
  consumer(options: ConsumerOptions = {}): Consumer {
    this.#checkOpen()
    const full = withDefaults<ConsumerOptions>(consumerDefaults, options)
    return this.#keep(new Consumer(this.#cluster, full))
  }

  /** Closes its producers (which send what is left) and consumers, then the connections. A second call waits as well. */
  async close(): Promise<void> {
    this.#isClosing = true
    const parts = await Promise.allSettled(Array.from(this.#open, async (part) => part.close()))
    await this.#cluster.close()
    const failed = parts.find((part) => part.status === 'rejected')
    if (failed !== undefined) throw sluiceErrorOf(failed.reason, 'closing the client')
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
    if (this.#isClosing) throw new SluiceError('CLOSED', 'the client is closed')
  }
}

/** The options with defaults where they are absent; `INVALID_ARGUMENT` for unknown ones and values out of bounds. */
function withDefaults<T extends object>(defaults: Required<T>, options: T): Required<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (!Object.hasOwn(defaults, name)) {
      throw new SluiceError('INVALID_ARGUMENT', `there is no option ${name}`)
    }
    checkBounds(name, value)
    checkChoice(name, value)
  }
  return { ...defaults, ...Object.fromEntries(given) }
}

function checkBounds(name: string, value: unknown): void {
  const bounds = Object.entries(clientBounds).find(([key]) => key === name)?.[1]
  if (bounds === undefined) return
  if (typeof value === 'number' && value >= bounds.min && value <= bounds.max) return
  const message = `${name} is ${String(value)}, it must be between ${bounds.min} and ${bounds.max}`
  throw new SluiceError('INVALID_ARGUMENT', message)
}

function checkChoice(name: string, value: unknown): void {
  const words: readonly unknown[] | undefined = Object.entries(clientChoices).find(
    ([key]) => key === name,
  )?.[1]
  if (words === undefined || words.includes(value)) return
  const message = `${name} is ${shown(value)}, it must be one of ${words.map(shown).join(', ')}`
  throw new SluiceError('INVALID_ARGUMENT', message)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
