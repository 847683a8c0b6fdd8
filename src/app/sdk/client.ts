/**
 * The SDK's client on the real outside: gRPC, the host's clock and codecs. What it does is in
 * `engine/client`; here it is only wired, so that it starts quickly and the simulator can run the rest.
 */
import { nativeCompressor } from '../../edge/compression/codecs.ts'
import { GrpcTransport } from '../../edge/grpc/transport.ts'
import { useNativeCrc32c } from '../../edge/system/native-crc32c.ts'
import { systemClock } from '../../edge/system/system-clock.ts'
import { systemEntropy } from '../../edge/system/system-entropy.ts'
import { type Admin } from '../../engine/client/admin.ts'
import { ClusterClient, type ClientOptions } from '../../engine/client/client.ts'
import { type Consumer, type ConsumerOptions } from '../../engine/client/consumer.ts'
import { type Producer } from '../../engine/client/producer.ts'
import { type ProducerOptions } from '../../engine/client/records.ts'
import { type TopicHandle, type TopicSerdes } from '../../engine/client/topic-handle.ts'
import { type LogLevel, type Telemetry } from '../../engine/ports/telemetry.ts'

/** Where the client's own log lines go: pino and loggers of its shape fit. */
export type Logger = Readonly<
  Record<LogLevel, (fields: Readonly<Record<string, unknown>>, event: string) => void>
>

/** Which cluster, and how the client behaves. */
export interface SdkClientOptions extends ClientOptions {
  /** Default: no log lines. */
  readonly logger?: Logger
}

/**
 * A client of one cluster. It connects with its first call, follows leader changes and reconnects
 * by itself; producers and consumers made by it share its connections. Close it when done.
 *
 * Every call that waits takes `signal` and `timeoutMs` and rejects with `SluiceError`: match on
 * `code`; `isRetriable` says whether the same call may succeed later, `outcome` whether a failed
 * call certainly did nothing (`refused`) or may have (`unknown`).
 *
 * @example
 * await using client = new Client({ bootstrap: '127.0.0.1:7092', clientId: 'app' })
 * await client.admin.createTopic('orders', { partitions: 6, replicationFactor: 3 })
 * const orders = client.topic('orders', { key: serde.string, value: serde.json<Order>() })
 * await using producer = client.producer()
 * await producer.send(orders, { key: 'k', value: order })
 */
export class Client {
  /** Topics, configs, offsets, the cluster and its quorum. */
  readonly admin: Admin
  readonly #client: ClusterClient

  /** Throws `INVALID_ARGUMENT` when the bootstrap list makes no sense. */
  constructor(options: SdkClientOptions = {}) {
    useNativeCrc32c()
    const { logger, ...clientOptions } = options
    const clock = systemClock()
    const telemetry = telemetryOf(logger)
    const ports = {
      clock,
      entropy: systemEntropy(),
      transport: new GrpcTransport({ clock, telemetry }),
      compressor: nativeCompressor(),
      telemetry,
    }
    this.#client = new ClusterClient(ports, clientOptions)
    this.admin = this.#client.admin
  }

  /** A topic by name with its serdes; asks nobody. Absent serdes mean plain bytes. */
  topic<K = Uint8Array, V = Uint8Array | undefined>(
    name: string,
    serdes: TopicSerdes<K, V> = {},
  ): TopicHandle<K, V> {
    return this.#client.topic(name, serdes)
  }

  /** A producer; see `ProducerOptions` for its defaults. `INVALID_ARGUMENT` for options out of bounds. */
  producer(options: ProducerOptions = {}): Producer {
    return this.#client.producer(options)
  }

  /** A consumer; see `ConsumerOptions` for its defaults. It reads nothing until it is told what. */
  consumer(options: ConsumerOptions = {}): Consumer {
    return this.#client.consumer(options)
  }

  /** Closes its producers (which send what is left) and consumers, then the connections. A second call waits as well. */
  async close(): Promise<void> {
    await this.#client.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function telemetryOf(logger: Logger | undefined): Telemetry {
  if (logger === undefined) return { log: () => undefined }
  return {
    log: (level, event, fields = {}) => {
      logger[level](fields, event)
    },
  }
}
