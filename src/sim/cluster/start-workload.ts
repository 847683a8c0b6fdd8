/** Starts the clients of one seed: topics, producers, a consumer; and brings them to their end. */
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { ClusterClient } from '../../engine/client/client.ts'
import { SluiceError } from '../../engine/client/errors.ts'
import { sleep } from '../../engine/runtime/sleep.ts'
import { type Clock } from '../../engine/ports/clock.ts'
import { type HistoryChecker } from '../checker/history-checker.ts'
import { type SimCluster } from '../sim-cluster.ts'
import { type ClusterShape } from './cluster-shape.ts'
import { type ClusterWatch } from './cluster-watch.ts'
import { partitionsOf, type PlacedPartition } from './final-state.ts'
import { TopicChurn } from './topic-churn.ts'
import { ConsumerWork, ProducerWork, type WorkTopic } from './workload.ts'

const retryPauseMs = 200

/** What the workload works on. */
export interface WorkloadPlace {
  readonly cluster: SimCluster
  readonly shape: ClusterShape
  readonly watch: ClusterWatch
  readonly history: HistoryChecker
}

/** Clients at work. */
export class Workload {
  readonly #producers: readonly ProducerWork[]
  readonly #consumer: ConsumerWork
  readonly #clients: readonly ClusterClient[]
  readonly #topics: readonly WorkTopic[]
  readonly #churn: TopicChurn | undefined
  readonly #running: Promise<unknown>
  #isFinished = false
  #failure: { readonly cause: unknown } | undefined

  constructor(parts: {
    readonly producers: readonly ProducerWork[]
    readonly consumer: ConsumerWork
    readonly clients: readonly ClusterClient[]
    readonly topics: readonly WorkTopic[]
    readonly churn: TopicChurn | undefined
    readonly clock: Clock
    readonly sendPauseMs: number
  }) {
    this.#producers = parts.producers
    this.#consumer = parts.consumer
    this.#clients = parts.clients
    this.#topics = parts.topics
    this.#churn = parts.churn
    this.#running = Promise.all([
      ...parts.producers.map(async (producer) => producer.run(parts.sendPauseMs)),
      ...parts.topics.map(async ({ name }) => parts.consumer.run(name)),
      parts.churn?.run(parts.clock),
    ]).catch((cause: unknown) => {
      this.#failure = { cause }
    })
  }

  /** Its partitions as an image has them. */
  partitions(image: MetadataImage | undefined): readonly PlacedPartition[] {
    return partitionsOf(image).filter(({ topic }) =>
      this.#topics.some(({ name }) => name === topic),
    )
  }

  /** Offset after the last record that the consumer got. */
  consumedTo(partition: string): number {
    return this.#consumer.position(partition)
  }

  /** True when every send has its outcome and every partition took a fresh record after that. */
  isFinished(): boolean {
    if (this.#failure !== undefined) throw this.#failure.cause
    return this.#isFinished
  }

  /** No more sends; then one fresh record for every partition, until all are acknowledged. */
  async finish(): Promise<void> {
    for (const producer of this.#producers) producer.stop()
    this.#churn?.stop()
    await Promise.all(this.#producers.map(async (producer) => producer.settled()))
    const [first] = this.#producers
    while (first !== undefined && !(await first.sendToAll()));
    this.#isFinished = true
  }

  /** Ends every client. */
  async close(): Promise<void> {
    await Promise.all(this.#producers.map(async (producer) => producer.close()))
    await this.#consumer.close()
    await this.#running
    await Promise.all(this.#clients.map(async (client) => client.close()))
  }
}

/** Creates the topics and starts the clients; undefined when the cluster does not come up in time. */
export async function startWorkload(
  place: WorkloadPlace,
  msMax: number,
): Promise<Workload | undefined> {
  const { cluster, shape, watch, history } = place
  const newClient = (clientId: string): ClusterClient =>
    new ClusterClient(cluster.clientPorts(), {
      bootstrap: cluster.bootstrap().map(({ host, port }) => `${host}:${port}`),
      clientId,
      requestTimeoutMs: 3000,
    })
  const topics = shape.partitionCounts.map((partitionCount, index) => ({
    name: `topic-${index}`,
    partitionCount,
  }))
  const admin = newClient('admin')
  if (!(await createTopics(admin, topics, { place, msMax }))) return undefined
  const parts = {
    topics,
    clock: cluster.clock,
    isCompacted: shape.compaction !== undefined,
    record: (event: Parameters<HistoryChecker['observe']>[0]) => {
      history.observe(event)
    },
    highWatermarkOf: (topic: string, partition: number) => watch.highWatermarkOf(topic, partition),
  }
  const clients = Array.from({ length: shape.producerCount + 1 }, (_, index) =>
    newClient(`client-${index}`),
  )
  const [reading, ...sending] = clients
  const producers = sending.map(
    (client, index) =>
      new ProducerWork(parts, `p${index}`, client, cluster.scheduler.random.fork(`p${index}`)),
  )
  return new Workload({
    producers,
    consumer: new ConsumerWork(parts, 'c', reading ?? admin),
    clients: [admin, ...clients],
    topics,
    churn: shape.hasTopicChurn
      ? new TopicChurn(admin, cluster.scheduler.random.fork('churn'), shape.replicationFactor)
      : undefined,
    clock: cluster.clock,
    sendPauseMs: shape.sendPauseMs,
  })
}

async function createTopics(
  admin: ClusterClient,
  topics: readonly WorkTopic[],
  limits: { readonly place: WorkloadPlace; readonly msMax: number },
): Promise<boolean> {
  const { cluster, shape, watch } = limits.place
  const endAtMs = cluster.scheduler.nowMs() + limits.msMax
  for (const topic of topics)
    while (!(await isCreated(admin, topic, shape))) {
      if (cluster.scheduler.nowMs() > endAtMs) return false
      await sleep(cluster.clock, retryPauseMs)
    }
  const isLed = (): boolean =>
    partitionsOf(watch.image()).every(({ registration }) => registration.leader !== undefined)
  while (!isLed() && cluster.scheduler.nowMs() < endAtMs) await sleep(cluster.clock, retryPauseMs)
  return isLed()
}

async function isCreated(
  admin: ClusterClient,
  topic: WorkTopic,
  { replicationFactor, compaction }: ClusterShape,
): Promise<boolean> {
  const { name, partitionCount } = topic
  try {
    const config = compaction?.topicConfig ?? {}
    await admin.admin.createTopic(name, { partitions: partitionCount, replicationFactor, config })
    return true
  } catch (cause) {
    if (!(cause instanceof SluiceError)) throw cause
    return cause.code === 'TOPIC_ALREADY_EXISTS'
  }
}
