/**
 * Administration: topics, configs, offsets, the cluster and its quorum. A request may go to any
 * broker, which forwards it to the active controller. What was refused for a passing reason is tried
 * again until the call's time is over; what may have happened is not, and says so (`outcome`).
 */
import { nodeId, partitionIndex, type NodeId, type Offset } from '../../base/id.ts'
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import {
  type ConfigEntry,
  type ConfigResource,
  type ItemError,
} from '../../core/api/cluster-admin.ts'
import { isRetriable, outcomeOf, type Outcome } from '../../core/api/error-code.ts'
import { type OffsetQuestion } from '../../core/api/list-offsets.ts'
import { type DescribedLogDir } from '../../core/api/log-directories.ts'
import { type MetadataResponse, type PartitionDescription } from '../../core/api/metadata.ts'
import { type DescribeQuorumResponse } from '../../core/api/quorum.ts'
import { retryPauses } from '../../core/client/retry-policy.ts'
import { TransportFault } from '../ports/fault.ts'
import { sleep } from '../runtime/sleep.ts'
import { Backoff } from '../runtime/retry.ts'
import {
  type CreatedTopic,
  type DeletedPartition,
  type ElectedPartition,
  type NewTopicOptions,
  type PartitionOffset,
  type RecordDeletion,
  type TopicDetail,
  type TopicSummary,
} from './admin-shapes.ts'
import { type ClusterView } from './cluster-view.ts'
import { faultOutcome, SluiceError, sluiceErrorOf } from './errors.ts'
import { askDeletions, type Deletion } from './delete-records.ts'
import { askOffsets } from './list-offsets.ts'
import { type CallOptions } from './records.ts'
import { awaitTopic } from './topic-lookup.ts'
import { checkDeadline, deadlineOf, leftMs, timedOut, type Deadline } from './waiting.ts'

/** One of the operations that any broker takes. */
type ClusterApi = Extract<
  ApiName,
  | 'metadata'
  | 'create-topics'
  | 'delete-topics'
  | 'create-partitions'
  | 'alter-configs'
  | 'describe-configs'
  | 'describe-log-dirs'
  | 'alter-replica-log-dirs'
  | 'elect-leaders'
  | 'describe-quorum'
>

const attemptMs = 10_000
/** The rest of the time is for the way back: an answer says more than a time-out. */
const deletionWaitShare = 0.8

/**
 * Made by its client as `client.admin`. Every call takes `signal` and `timeoutMs` (default: the
 * client's `requestTimeoutMs`) and rejects with `SluiceError`. Semantics: Kafka's Admin.
 *
 * @example
 * await client.admin.createTopic('orders', { partitions: 6, replicationFactor: 3 })
 */
export class Admin {
  readonly #cluster: ClusterView
  readonly #timeoutMs: number

  constructor(cluster: ClusterView, timeoutMs: number) {
    this.#cluster = cluster
    this.#timeoutMs = timeoutMs
  }

  /** Creates a topic. `TOPIC_ALREADY_EXISTS`, `INVALID_PARTITIONS`, `INVALID_REPLICATION_FACTOR`, `INVALID_CONFIG`, … */
  async createTopic(name: string, options: NewTopicOptions = {}): Promise<CreatedTopic> {
    const { partitions, replicationFactor, assignments, config } = options
    const topic = {
      name,
      ...(partitions !== undefined && { partitionCount: partitions }),
      ...(replicationFactor !== undefined && { replicationFactor }),
      ...(assignments !== undefined && {
        assignments: assignments.map((ids) => ids.map(checkedNodeId)),
      }),
      configs: config ?? {},
    }
    const request = { topics: [topic], validateOnly: options.validateOnly ?? false }
    const value = await this.#ask('create-topics', request, options)
    const [answer] = value.topics
    if (answer?.error?.code === 'TOPIC_ALREADY_EXISTS' && options.ifNotExists === true) {
      return { name, id: undefined, isNew: false }
    }
    throwItem(answer?.error)
    return { name, id: answer?.topicId, isNew: true }
  }

  /** Names and shapes of all topics, by name. */
  async listTopics(options: CallOptions = {}): Promise<readonly TopicSummary[]> {
    const { topics } = await this.#ask('metadata', { topics: 'all' }, options)
    return topics
      .map(({ name, id, partitions }) => ({
        name,
        id,
        partitionCount: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
      }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
  }

  /** A topic's partitions with leaders, replicas, ISR and ends, and its own config. `UNKNOWN_TOPIC_OR_PARTITION`. */
  async describeTopic(name: string, options: CallOptions = {}): Promise<TopicDetail> {
    const deadline = this.#deadline(options)
    return this.#withTopic(name, async () => {
      const topic = await awaitTopic(this.#cluster, name, deadline)
      const [entries, ends] = await Promise.all([
        this.describeConfig({ type: 'topic', name }, options),
        this.#tryOffsets(name, { type: 'latest' }, deadline),
      ])
      const own = entries.filter((entry) => entry.source === 'topic')
      if (topic.id === undefined) throw new SluiceError('UNKNOWN_TOPIC_OR_PARTITION', name)
      return {
        name,
        id: topic.id,
        config: Object.fromEntries(own.map(({ key, value }) => [key, value])),
        partitions: topic.partitions.map((partition, index) => ({
          ...partition,
          highWatermark: ends[index],
        })),
      }
    })
  }

  /** Deletes a topic and its records. `UNKNOWN_TOPIC_OR_PARTITION`. */
  async deleteTopic(name: string, options: CallOptions = {}): Promise<void> {
    const value = await this.#ask('delete-topics', { names: [name] }, options)
    throwItem(value.topics[0]?.error)
  }

  /** Raises a topic's partition count. Keys may change their partition. `INVALID_PARTITIONS`. */
  async createPartitions(
    name: string,
    partitionCount: number,
    options: CallOptions = {},
  ): Promise<void> {
    const request = { topics: [{ name, partitionCount }], validateOnly: false }
    const value = await this.#ask('create-partitions', request, options)
    throwItem(value.topics[0]?.error)
  }

  /** Settings in force for a topic, a broker or the cluster, each with its source. */
  async describeConfig(
    resource: ConfigResource,
    options: CallOptions = {},
  ): Promise<readonly ConfigEntry[]> {
    const to = resource.type === 'broker' ? Number(resource.name) : undefined
    const value = await this.#ask('describe-configs', { resources: [resource] }, options, to)
    throwItem(value.resources[0]?.error)
    return value.resources[0]?.entries ?? []
  }

  /** Sets keys, and unsets those that are undefined; all or nothing. `INVALID_CONFIG`. */
  async alterConfig(
    resource: ConfigResource,
    changes: Readonly<Record<string, string | undefined>>,
    options: CallOptions = {},
  ): Promise<void> {
    const list = Object.entries(changes).map(([key, value]) => ({
      key,
      ...(value !== undefined && { value }),
    }))
    const request = { resources: [{ resource, changes: list }], validateOnly: false }
    const value = await this.#ask('alter-configs', request, options)
    throwItem(value.resources[0]?.error)
  }

  /** Brokers, controller and, on request, all topics, as one broker knows them. */
  async describeCluster(
    options: CallOptions & { readonly topics?: 'all' | 'none' } = {},
  ): Promise<MetadataResponse> {
    return this.#ask('metadata', { topics: options.topics ?? 'none' }, options)
  }

  /** Log directories of a broker, with the logs in them. */
  async describeLogDirs(
    broker: number,
    options: CallOptions & { readonly topics?: readonly string[] } = {},
  ): Promise<readonly DescribedLogDir[]> {
    const { topics } = options
    const request = topics === undefined ? {} : { topics }
    return (await this.#ask('describe-log-dirs', request, options, broker)).directories
  }

  /** Moves a replica to another log directory of its broker, in the background; to where it is: gives a move up. `INVALID_REQUEST`, `UNKNOWN_TOPIC_OR_PARTITION`, `KAFKA_STORAGE_ERROR`. */
  async moveReplica(
    move: {
      readonly broker: number
      readonly topic: string
      readonly partition: number
      readonly path: string
    },
    options: CallOptions = {},
  ): Promise<void> {
    const { broker, topic, path } = move
    const moves = [{ topic, partition: partitionIndex(move.partition), path }]
    const value = await this.#ask('alter-replica-log-dirs', { moves }, options, broker)
    throwItem(value.moves[0]?.error)
  }

  /** The metadata quorum as its leader sees it. */
  async describeQuorum(options: CallOptions = {}): Promise<DescribeQuorumResponse> {
    return this.#ask('describe-quorum', {}, options)
  }

  /**
   * Offsets of all partitions of a topic, in order: start, end for readers, first record at or after a
   * time, or first of the records with the greatest timestamp (KIP-734):
   * `await admin.listOffsets('orders', { type: 'max-timestamp' })`.
   */
  async listOffsets(
    name: string,
    question: OffsetQuestion,
    options: CallOptions = {},
  ): Promise<readonly PartitionOffset[]> {
    const deadline = this.#deadline(options)
    return this.#withTopic(name, async () => {
      const { partitions } = await awaitTopic(this.#cluster, name, deadline)
      const found = await this.#untilAnswered(partitions, deadline, async (open) =>
        this.#askOffsets(name, open, question, deadline),
      )
      return partitions.map((described) => ({
        partition: described.partition,
        offset: found.get(described)?.offset,
        timestampMs: found.get(described)?.timestampMs,
      }))
    })
  }

  /**
   * Deletes records from the start of partitions (KIP-107), durably on every in-sync replica when it
   * resolves. Not atomic: when it rejects, other partitions may be done. `OFFSET_OUT_OF_RANGE` beyond
   * the end for readers, `POLICY_VIOLATION` on a topic that is only compacted, `REQUEST_TIMED_OUT`
   * and `UNKNOWN_OUTCOME` when it may have happened, `INVALID_ARGUMENT`, `UNKNOWN_TOPIC_OR_PARTITION`.
   *
   * @example
   * await client.admin.deleteRecords('orders', [{ partition: 0, before: 1000 }])
   */
  async deleteRecords(
    name: string,
    deletions: readonly RecordDeletion[],
    options: CallOptions = {},
  ): Promise<readonly DeletedPartition[]> {
    const deadline = this.#deadline(options)
    for (const { before } of deletions)
      if (before !== 'end' && !(Number.isSafeInteger(before) && before >= 0))
        throw new SluiceError('INVALID_ARGUMENT', `not an offset: ${before}`)
    return this.#withTopic(name, async () => {
      const { partitions } = await awaitTopic(this.#cluster, name, deadline)
      const missing = deletions.find(({ partition }) => partitions[partition] === undefined)
      if (missing !== undefined) {
        const message = `${name} has partitions 0 to ${partitions.length - 1}, not ${missing.partition}`
        throw new SluiceError('UNKNOWN_TOPIC_OR_PARTITION', message)
      }
      const wanted = deletions.map((deletion) => ({ topic: name, ...deletion }))
      const low = await this.#untilAnswered(wanted, deadline, async (open) =>
        this.#askDeletions(open, deadline),
      )
      return Array.from(low, ([{ partition }, lowWatermark]) => ({
        partition: partitionIndex(partition),
        lowWatermark,
      }))
    })
  }

  /** Moves leadership to the preferred replicas of some partitions (default: of all). */
  async electLeaders(
    partitions?: readonly { readonly topic: string; readonly partition: number }[],
    options: CallOptions = {},
  ): Promise<readonly ElectedPartition[]> {
    const places = partitions?.map(({ topic, partition }) => ({
      topic,
      partition: partitionIndex(partition),
    }))
    const request = places === undefined ? {} : { partitions: places }
    const value = await this.#ask('elect-leaders', request, options)
    return value.partitions
  }

  /** Asks again, with fresh metadata, about what was refused for a passing reason; rejects with another. */
  async #untilAnswered<I, T>(
    inquiries: readonly I[],
    deadline: Deadline,
    ask: (inquiries: readonly I[]) => Promise<readonly Outcome<T>[]>,
  ): Promise<ReadonlyMap<I, T>> {
    const { clock, entropy } = this.#cluster.ports
    const backoff = new Backoff(retryPauses, entropy)
    const answers = new Map<I, T>()
    for (let open = inquiries; ; open = open.filter((inquiry) => !answers.has(inquiry))) {
      const outcomes = await ask(open)
      for (const [index, inquiry] of open.entries()) {
        const outcome = outcomes[index]
        if (outcome?.ok === true) answers.set(inquiry, outcome.value)
      }
      const failures = outcomes.filter((outcome) => !outcome.ok)
      const failed = failures.find(({ code }) => !isRetriable(code)) ?? failures[0]
      if (failed === undefined) return answers
      const pauseMs = backoff.nextMs()
      if (!isRetriable(failed.code) || clock.nowMs() + pauseMs >= deadline.atMs)
        throw new SluiceError(failed.code, failed.message)
      await sleep(clock, pauseMs, deadline.signal)
      await this.#cluster.refreshUntilReached(deadline)
    }
  }

  /** Sends to one broker after the other (or only `to`) until somebody answers, and again while the answer is a passing refusal. */
  async #ask<A extends ClusterApi>(
    api: A,
    request: Apis[A]['request'],
    options: CallOptions,
    to?: number,
  ): Promise<Apis[A]['response']> {
    const { clock, entropy } = this.#cluster.ports
    const deadline = this.#deadline(options)
    const backoff = new Backoff(retryPauses, entropy)
    const what = `the request ${api}`
    const tooLateMs = Math.min(150, leftMs(clock, deadline) / 5)
    let last: SluiceError | undefined
    for (;;) {
      checkDeadline(clock, deadline, what)
      if (this.#cluster.cache.clusterId === undefined) {
        await this.#cluster.refreshUntilReached(deadline)
      }
      const candidates =
        to === undefined ? this.#cluster.candidates() : [this.#cluster.addressOfBroker(to)]
      for (const address of candidates) {
        const outcome = await this.#askOne(address, api, request, deadline)
        if (outcome.ok) return outcome.value
        const { error } = outcome
        if (error.outcome === 'unknown' || !error.isRetriable) throw error
        // What a broker said tells more than that another one is away.
        if (last === undefined || error.code !== 'BROKER_UNREACHABLE') last = error
        // With so little time left another broker could only lose the answer that is known.
        if (deadline.signal?.aborted === true || leftMs(clock, deadline) <= tooLateMs) break
      }
      const pauseMs = backoff.nextMs()
      if (leftMs(clock, deadline) <= Math.max(pauseMs, tooLateMs)) {
        throw last ?? timedOut(what, 'refused')
      }
      await sleep(clock, pauseMs, deadline.signal)
      this.#cluster.refreshSoon()
    }
  }

  async #askOne<A extends ClusterApi>(
    address: { readonly host: string; readonly port: number },
    api: A,
    request: Apis[A]['request'],
    deadline: Deadline,
  ): Promise<
    | { readonly ok: true; readonly value: Apis[A]['response'] }
    | { readonly ok: false; readonly error: SluiceError }
  > {
    const { clock } = this.#cluster.ports
    const isRead = api === 'metadata' || api.startsWith('describe')
    const timeoutMs = Math.min(leftMs(clock, deadline, 1), isRead ? attemptMs : Infinity)
    const signal = deadline.signal === undefined ? {} : { signal: deadline.signal }
    let outcome: Outcome<Apis[A]['response']>
    try {
      outcome = await this.#cluster.requestAt(address, api, request, { timeoutMs, ...signal })
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      const error = faultError(cause, `the request ${api}`)
      // A read that got no answer may be asked again of another broker.
      const mayRepeat = isRead && cause.code !== 'cancelled' && faultOutcome(cause) === 'unknown'
      if (!mayRepeat) return { ok: false, error }
      return {
        ok: false,
        error: new SluiceError(error.code, error.message, { outcome: 'refused', cause }),
      }
    }
    if (outcome.ok) return outcome
    const facts = { outcome: isRead ? 'refused' : outcomeOf(outcome.code) } as const
    return { ok: false, error: new SluiceError(outcome.code, outcome.message, facts) }
  }

  /** What may have happened is not asked again: all that readers see now is more than it was then. */
  async #askDeletions(
    deletions: readonly Deletion[],
    deadline: Deadline,
  ): Promise<readonly Outcome<Offset>[]> {
    const timeoutMs = leftMs(this.#cluster.ports.clock, deadline, 1)
    const signal = deadline.signal === undefined ? {} : { signal: deadline.signal }
    const waitMsMax = Math.max(1, Math.floor(timeoutMs * deletionWaitShare))
    const asked = await askDeletions(this.#cluster, deletions, { timeoutMs, waitMsMax, ...signal })
    const unknown = asked.find((outcome) => !outcome.ok && outcomeOf(outcome.code) === 'unknown')
    if (unknown?.ok === false) throw new SluiceError(unknown.code, unknown.message)
    return asked
  }

  async #tryOffsets(
    name: string,
    question: OffsetQuestion,
    deadline: Deadline,
  ): Promise<readonly (Offset | undefined)[]> {
    const partitions = this.#cluster.cache.topic(name)?.partitions ?? []
    const findings = await this.#askOffsets(name, partitions, question, deadline)
    return findings.map((finding) => (finding.ok ? finding.value.offset : undefined))
  }

  async #askOffsets(
    topic: string,
    partitions: readonly PartitionDescription[],
    question: OffsetQuestion,
    deadline: Deadline,
  ): ReturnType<typeof askOffsets> {
    const inquiries = partitions.map(({ partition }) => ({ topic, partition, question }))
    const timeoutMs = Math.min(attemptMs, leftMs(this.#cluster.ports.clock, deadline, 1))
    const signal = deadline.signal === undefined ? {} : { signal: deadline.signal }
    return askOffsets(this.#cluster, inquiries, { timeoutMs, ...signal })
  }

  /** With the topic in the metadata for as long as the work takes. */
  async #withTopic<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#cluster.use(name)
    try {
      return await work()
    } finally {
      this.#cluster.release(name)
    }
  }

  /** Of a call that begins now; `CLOSED` when the client is. */
  #deadline(options: CallOptions): Deadline {
    if (this.#cluster.isClosed) throw new SluiceError('CLOSED', 'the client is closed')
    return deadlineOf(this.#cluster.ports.clock, options, this.#timeoutMs)
  }
}

function faultError(cause: TransportFault, what: string): SluiceError {
  return cause.code === 'timeout' ? timedOut(what, 'unknown', cause) : sluiceErrorOf(cause, what)
}

function throwItem(error: ItemError | undefined): void {
  if (error !== undefined) throw new SluiceError(error.code, error.message)
}

function checkedNodeId(id: number): NodeId {
  if (Number.isInteger(id) && id >= 0 && id <= 0x7fffffff) return nodeId(id)
  throw new SluiceError('INVALID_ARGUMENT', `not a broker id: ${id}`)
}
