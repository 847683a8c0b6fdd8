/**
 * Everything a producer holds and has not settled: a queue per partition, and for each broker the
 * lane of partitions it leads. Decides what goes into the next request: an idle lane sends what
 * there is, a busy one waits until a good part of a frame is full or the oldest record has lingered
 * long enough. The clock is an argument; `engine/client/producer.ts` performs what this decides.
 *
 * Invariants: a lane has at most `framesInFlightMax` frames in flight; a queue is in its lane's
 * waiting set exactly when it has something that may be sent.
 */
import { assert, present } from '../../base/assert.ts'
import { partitionIndex, type NodeId } from '../../base/id.ts'
import { recordBytesMax } from '../record/batch-writer.ts'
import { ChunkPool } from './chunk-pool.ts'
import { PartitionQueue, type PendingBatch, type RecordInput, type Run } from './partition-queue.ts'
import { ProducerSequences, type SharedProducerId } from './producer-sequences.ts'

/** Bounds of one producer. */
export interface AccumulatorOptions {
  readonly batchBytesMax: number
  readonly bufferBytesMax: number
  readonly lingerMs: number
  /** Most bytes of a request, its first batch excepted. */
  readonly frameBytesMax: number
  readonly framesInFlightMax: number
  /** Batches are numbered, so that brokers recognise retries; nothing is sent before `setProducerId`. */
  readonly isIdempotent: boolean
}

/** Runs of several partitions, for one request to their leader. */
export interface Frame<T> {
  readonly brokerId: NodeId
  readonly runs: readonly Run<T>[]
  readonly bytes: number
}

/** A batch that the accumulator holds no more. */
export interface RemovedBatch<T> {
  readonly queue: PartitionQueue<T>
  readonly batch: PendingBatch<T>
}

interface Lane<T> {
  readonly waiting: Set<PartitionQueue<T>>
  frameCount: number
}

/** Partitions looked at to find the one with the least waiting, for records without a key. */
const stickyLookCount = 8

/** The partitions of one topic. */
export class TopicQueues<T> {
  readonly name: string
  /** By partition; one life of the topic may have had more than there are now. */
  readonly queues: PartitionQueue<T>[] = []
  /** How many partitions the topic has now. */
  partitionCount = 0
  #sticky: PartitionQueue<T> | undefined
  #stickyBatch: PendingBatch<T> | undefined
  #next = 0

  constructor(name: string) {
    this.name = name
  }

  /** Where a record without a key goes: on into the batch before it, or to a partition with little waiting. */
  choose(bytesMax: number): PartitionQueue<T> {
    const sticky = this.#sticky
    if (
      sticky?.open !== undefined &&
      sticky.open === this.#stickyBatch &&
      sticky.open.writer.fits(bytesMax)
    ) {
      return sticky
    }
    const chosen = this.#leastWaiting()
    this.#sticky = chosen
    return chosen
  }

  /** Tells which batch the record without a key went into. */
  remember(queue: PartitionQueue<T>): void {
    this.#stickyBatch = queue.open
  }

  #leastWaiting(): PartitionQueue<T> {
    const count = this.partitionCount
    let best: PartitionQueue<T> | undefined
    for (let look = 0; look < Math.min(count, stickyLookCount); look++) {
      const queue = present(this.queues[(this.#next + look) % count], 'a partition of the topic')
      if (best === undefined || waitsLess(queue, best)) best = queue
    }
    this.#next = (this.#next + 1) % count
    return present(best, 'a topic with partitions')
  }
}

function waitsLess<T>(left: PartitionQueue<T>, right: PartitionQueue<T>): boolean {
  const leftHasLeader = left.leader !== undefined
  if (leftHasLeader !== (right.leader !== undefined)) return leftHasLeader
  return left.sealedBytes < right.sealedBytes
}

/** The records of one producer. */
export class Accumulator<T> {
  readonly #options: AccumulatorOptions
  readonly #pool: ChunkPool
  readonly #topics = new Map<string, TopicQueues<T>>()
  readonly #lanes = new Map<NodeId, Lane<T>>()
  /** Queues with something to send and nobody to send it to. */
  readonly #leaderless = new Set<PartitionQueue<T>>()
  readonly #unsettled = new Set<PendingBatch<T>>()
  readonly #producer: SharedProducerId = { producerId: undefined }
  #lost: RemovedBatch<T>[] = []
  #unsettledCount = 0
  #wakeAtMs = Infinity

  constructor(options: AccumulatorOptions) {
    this.#options = options
    this.#pool = new ChunkPool(options.bufferBytesMax)
  }

  /** Bytes of memory in use for records. */
  get usedBytes(): number {
    return this.#pool.usedBytes
  }

  /** Records that are appended and not settled. */
  get unsettledCount(): number {
    return this.#unsettledCount
  }

  /** Whether the fate of any record appended at or before the instant is still open. */
  hasUnsettledUntil(atMs: number): boolean {
    for (const batch of this.#unsettled) if (batch.createdAtMs <= atMs) return true
    return false
  }

  /** When `drain` may have something that it held back; Infinity when nothing is held back. */
  get wakeAtMs(): number {
    return this.#wakeAtMs
  }

  /** Whether nothing can be sent until there is a producer id. */
  get wantsProducerId(): boolean {
    return this.#options.isIdempotent && this.#producer.producerId === undefined
  }

  /** The id that partitions take from now on; those that have one keep it. */
  setProducerId(producerId: number): void {
    this.#producer.producerId = producerId
  }

  /** Brokers that lead partitions with something to send. */
  brokers(): readonly NodeId[] {
    const ids: NodeId[] = []
    for (const [id, lane] of this.#lanes) if (lane.waiting.size > 0) ids.push(id)
    return ids
  }

  /** Topics with records that wait for a leader to be known. */
  leaderlessTopics(): ReadonlySet<string> {
    return new Set(Array.from(this.#leaderless, (queue) => queue.topic))
  }

  /** The topic's queues, or undefined before `setTopic`. */
  topic(name: string): TopicQueues<T> | undefined {
    return this.#topics.get(name)
  }

  /** Takes over the leaders of a topic, by partition. */
  setTopic(name: string, leaders: readonly (NodeId | undefined)[]): TopicQueues<T> {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = new TopicQueues(name)
      this.#topics.set(name, topic)
    }
    while (topic.queues.length < leaders.length) {
      const place = { topic: name, partition: partitionIndex(topic.queues.length) }
      topic.queues.push(new PartitionQueue(place, this.#pool, this.#queueOptions()))
    }
    topic.partitionCount = leaders.length
    for (const queue of topic.queues) this.#setLeader(queue, leaders[queue.partition])
    return topic
  }

  /**
   * Appends a record to a partition, or without one to a partition of its choice. `opened`: a batch
   * was begun, so a lane may have something to send; `full`: there is no memory, nothing happened.
   * The clock is asked only when a batch is begun.
   */
  append(
    to: { readonly topic: TopicQueues<T>; readonly partition: number | undefined },
    record: RecordInput,
    nowMs: () => number,
    token?: T,
  ): 'joined' | 'opened' | 'full' {
    const bytesMax = recordBytesMax(record.key, record.value, record.headers)
    const isSticky = to.partition === undefined
    const queue =
      to.partition === undefined
        ? to.topic.choose(bytesMax)
        : present(to.topic.queues[to.partition], 'a partition of the topic')
    const openBefore = queue.open
    const isAppended = queue.append(record, bytesMax, nowMs, token)
    const open = queue.open
    if (isAppended) this.#unsettledCount += 1
    if (isAppended && open === openBefore) return 'joined'
    if (queue.canSend) this.#await(queue)
    if (!isAppended) return 'full'
    if (open !== undefined) this.#unsettled.add(open)
    if (isSticky) to.topic.remember(queue)
    return 'opened'
  }

  /** Whether a lane has enough sealed for a good frame, so that it should be drained even while it is busy. */
  isFull(brokerId: NodeId): boolean {
    const lane = this.#lanes.get(brokerId)
    return (
      lane !== undefined &&
      lane.frameCount < this.#options.framesInFlightMax &&
      this.#sealedBytes(lane) >= this.#options.frameBytesMax / 2
    )
  }

  /**
   * The next request for a broker, or undefined when it should wait (`wakeAtMs` says until when).
   * `isPressed`: somebody waits for memory or for everything to be sent, so nothing is held back.
   */
  drain(brokerId: NodeId, nowMs: number, isPressed: boolean): Frame<T> | undefined {
    const lane = this.#lanes.get(brokerId)
    if (lane === undefined || lane.frameCount >= this.#options.framesInFlightMax) return undefined
    if (this.wantsProducerId) return undefined
    const sendsAll = isPressed || lane.frameCount === 0
    const sendsSealed = sendsAll || this.#sealedBytes(lane) >= this.#options.frameBytesMax / 2
    const runs: Run<T>[] = []
    let bytes = 0
    for (const queue of lane.waiting) {
      if (bytes >= this.#options.frameBytesMax) break
      if (queue.retryAtMs > nowMs) {
        this.#wakeBy(queue.retryAtMs)
        continue
      }
      const lingersUntilMs = (queue.oldestAtMs ?? nowMs) + this.#options.lingerMs
      const sealsOpen = sendsAll || lingersUntilMs <= nowMs
      if (!sealsOpen) this.#wakeBy(lingersUntilMs)
      if (!sealsOpen && !sendsSealed) continue
      const run = queue.take(this.#options.frameBytesMax - bytes, {
        sealsOpen,
        takesOne: bytes === 0,
      })
      if (run === undefined) continue
      runs.push(run)
      bytes += run.bytes.length
    }
    if (runs.length === 0) return undefined
    lane.frameCount += 1
    for (const { queue } of runs) {
      lane.waiting.delete(queue) // to the end of the line, if it has more
      if (queue.canSend) lane.waiting.add(queue)
    }
    return { brokerId, runs, bytes }
  }

  /** A new look at everything begins: `wakeAtMs` is found again by the drains that follow. */
  resetWake(): void {
    this.#wakeAtMs = Infinity
  }

  /** The frame's request is over; its runs are settled or restored one by one. */
  finishFrame(frame: Frame<T>): void {
    const lane = present(this.#lanes.get(frame.brokerId), 'the lane of a frame in flight')
    lane.frameCount -= 1
    assert(lane.frameCount >= 0, 'a frame finished twice')
  }

  /** The run has its final answer; its batches are the caller's to report. */
  settle(run: Run<T>, how: 'taken' | 'given-up'): void {
    for (const batch of run.batches) this.#forget(batch)
    run.queue.failureCount = 0
    if (how === 'taken') run.queue.acknowledged()
    run.queue.settle(run)
    this.#cameHome(run.queue)
  }

  /** The run is to be sent again, not before `retryAtMs`. */
  restore(run: Run<T>, retry: { readonly atMs: number; readonly mayHaveHappened: boolean }): void {
    if (retry.mayHaveHappened) {
      for (const batch of run.batches) batch.mayHaveHappened = true
    }
    if (run.queue.isNext(run)) run.queue.failureCount += 1
    run.queue.retryAtMs = Math.max(run.queue.retryAtMs, retry.atMs)
    run.queue.restore(run)
    this.#cameHome(run.queue)
  }

  /**
   * The broker says that the run does not follow on what it has. If something before it is still
   * open, that comes first. Of a run that may have happened, a new leader may have the first batches
   * only: they are asked for one by one. Else what came before is lost, and numbers start anew with this run.
   */
  outOfOrder(run: Run<T>, retryAtMs: number): void {
    const { queue, batches } = run
    const isNext = queue.isNext(run)
    if (isNext && batches.length > 1 && batches.some((batch) => batch.mayHaveHappened)) {
      queue.retryAtMs = Math.max(queue.retryAtMs, retryAtMs)
      queue.split(run)
      this.#cameHome(queue)
      return
    }
    if (isNext) queue.endEpoch()
    this.restore(run, { atMs: retryAtMs, mayHaveHappened: false })
  }

  /** Batches that were given up since the last call, because their numbers were lost and they may have happened. */
  takeLost(): readonly RemovedBatch<T>[] {
    const lost = this.#lost
    this.#lost = []
    return lost
  }

  /** The broker found the run too large: it goes back in smaller pieces. False when it is one record. */
  shrink(run: Run<T>): boolean {
    const halves = run.queue.shrink(run)
    if (halves === undefined) return false
    const [first] = run.batches
    if (first !== undefined && halves.length > 0) this.#unsettled.delete(first)
    for (const half of halves) this.#unsettled.add(half)
    this.#cameHome(run.queue)
    return true
  }

  /** Somebody may still read the run's bytes: they are never written again. */
  taint(run: Run<T>): void {
    for (const batch of run.batches) batch.chunk.isTainted = true
  }

  /** Takes out, of all partitions or one topic's, the waiting batches opened at or before the instant. */
  removeOlder(createdAtMs: number, topic?: string): readonly RemovedBatch<T>[] {
    const removed: RemovedBatch<T>[] = []
    for (const { name, queues } of this.#topics.values()) {
      if (topic !== undefined && name !== topic) continue
      for (const queue of queues) {
        for (const batch of queue.removeOlder(createdAtMs)) {
          this.#forget(batch)
          removed.push({ queue, batch })
        }
        if (!queue.canSend) this.#waitingOf(queue).delete(queue)
      }
    }
    return removed
  }

  #queueOptions(): ConstructorParameters<typeof PartitionQueue>[2] {
    const { batchBytesMax, isIdempotent } = this.#options
    const sequences = isIdempotent ? new ProducerSequences(this.#producer) : undefined
    return { batchBytesMax, sequences }
  }

  /** A run of the queue is not in flight any more. */
  #cameHome(queue: PartitionQueue<T>): void {
    if (queue.isStartDue) {
      for (const batch of queue.startAnew()) {
        this.#forget(batch)
        this.#lost.push({ queue, batch })
      }
    }
    if (queue.canSend) this.#await(queue)
    else this.#waitingOf(queue).delete(queue)
  }

  #forget(batch: PendingBatch<T>): void {
    this.#unsettled.delete(batch)
    this.#unsettledCount -= batch.writer.recordCount
  }

  #sealedBytes(lane: Lane<T>): number {
    let bytes = 0
    for (const queue of lane.waiting) bytes += queue.sealedBytes
    return bytes
  }

  #setLeader(queue: PartitionQueue<T>, leader: NodeId | undefined): void {
    if (queue.leader === leader) return
    this.#waitingOf(queue).delete(queue)
    queue.leader = leader
    queue.retryAtMs = 0 // the new leader has not refused anything yet
    if (queue.canSend) this.#await(queue)
  }

  #await(queue: PartitionQueue<T>): void {
    this.#waitingOf(queue).add(queue)
  }

  #waitingOf(queue: PartitionQueue<T>): Set<PartitionQueue<T>> {
    if (queue.leader === undefined) return this.#leaderless
    let lane = this.#lanes.get(queue.leader)
    if (lane === undefined) {
      lane = { waiting: new Set(), frameCount: 0 }
      this.#lanes.set(queue.leader, lane)
    }
    return lane.waiting
  }

  #wakeBy(atMs: number): void {
    if (atMs < this.#wakeAtMs) this.#wakeAtMs = atMs
  }
}
