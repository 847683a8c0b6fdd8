/**
 * Requests of the plain door on their way to the leader of a partition: the own handler where this
 * node leads, a channel to the other broker elsewhere. What was certainly not done is tried again,
 * with the metadata of that moment, until the deadline.
 */
import type { Apis } from '../../../core/api/apis.ts'
import { isRetriable, outcomeOf, type Outcome, refuse } from '../../../core/api/error-code.ts'
import { protocolVersions } from '../../../core/api/hello.ts'
import type { BrokerDescription, TopicDescription } from '../../../core/api/metadata.ts'
import type { RequestContext } from '../../../core/api/request-context.ts'
import type { PartitionIndex, TopicId } from '../../../base/id.ts'
import type { Clock } from '../../../engine/ports/clock.ts'
import { TransportFault } from '../../../engine/ports/fault.ts'
import type { Channel, ListenOptions, Transport } from '../../../engine/ports/transport.ts'
import { sleep } from '../../../engine/runtime/sleep.ts'

const retryPauseMs = 50

/** Operations that go to leaders; each is asked here for one partition. */
export type LeaderApi = 'produce' | 'fetch' | 'list-offsets'

/** A topic that is there. */
export interface KnownTopic {
  readonly id: TopicId
  readonly name: string
  readonly partitionCount: number
}

/** One partition of it. */
export interface Place {
  readonly topic: KnownTopic
  readonly partition: PartitionIndex
}

/** What the way to leaders needs. */
export interface LeadersOptions {
  readonly listen: ListenOptions
  readonly transport: Transport
  readonly clock: Clock
}

/** The leaders of a cluster, as the node behind this listener knows them. */
export class Leaders {
  readonly #options: LeadersOptions
  readonly #channels = new Map<string, Channel>()

  constructor(options: LeadersOptions) {
    this.#options = options
  }

  /** A topic by its name. */
  async topic(name: string, context: RequestContext): Promise<Outcome<KnownTopic>> {
    const image = await this.#look(name, context)
    if (!image.ok) return image
    const { id, partitions } = image.value.topic
    if (id === undefined) return refuse('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}.`)
    return { ok: true, value: { id, name, partitionCount: partitions.length } }
  }

  /** Asks the leader of a partition until it answers, or refuses for good. The request names that partition alone. */
  async ask<A extends LeaderApi>(
    place: Place,
    call: { readonly api: A; readonly request: Apis[A]['request'] },
    context: RequestContext,
  ): Promise<Outcome<Apis[A]['response']>> {
    const { clock } = this.#options
    for (;;) {
      const outcome = await this.#askOnce(place, call, context)
      const error = outcome.ok ? outcome.value.partitions[0]?.error : outcome
      if (error === undefined) return outcome
      const refusal = refuse(error.code, error.message)
      if (!isRetriable(error.code) || outcomeOf(error.code) === 'unknown') return refusal
      if (clock.nowMs() + retryPauseMs >= context.deadlineAtMs) return refusal
      await sleep(clock, retryPauseMs, context.signal)
      if (context.signal?.aborted === true) return refusal
    }
  }

  /** Closes the channels to other brokers. */
  async close(): Promise<void> {
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    await Promise.all(channels.map(async (channel) => channel.close()))
  }

  async #askOnce<A extends LeaderApi>(
    { topic, partition }: Place,
    call: { readonly api: A; readonly request: Apis[A]['request'] },
    context: RequestContext,
  ): Promise<Outcome<Apis[A]['response']>> {
    const { listen, clock } = this.#options
    const image = await this.#look(topic.name, context)
    if (!image.ok) return image
    const description = image.value.topic.partitions.find((each) => each.partition === partition)
    if (description === undefined || image.value.topic.id !== topic.id) {
      return refuse('INCONSISTENT_TOPIC_ID', `The topic ${topic.name} was created again.`)
    }
    const { leader } = description
    if (leader === listen.nodeId) return listen.handler.handle(call.api, call.request, context)
    const broker = image.value.brokers.find(({ id }) => id === leader)
    const channel = broker && this.#channelTo(broker)
    if (channel === undefined) {
      return refuse('LEADER_NOT_AVAILABLE', `Nobody leads partition ${partition} of ${topic.name}.`)
    }
    const options = {
      timeoutMs: Math.max(1, context.deadlineAtMs - clock.nowMs()),
      ...(context.signal && { signal: context.signal }),
    }
    try {
      return await channel.request(call.api, call.request, options)
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      return refuse(codeOf(cause), cause.message)
    }
  }

  async #look(
    name: string,
    context: RequestContext,
  ): Promise<
    Outcome<{ readonly topic: TopicDescription; readonly brokers: readonly BrokerDescription[] }>
  > {
    const { handler } = this.#options.listen
    const outcome = await handler.handle('metadata', { topics: [name] }, context)
    if (!outcome.ok) return outcome
    const [topic] = outcome.value.topics
    if (topic === undefined)
      return refuse('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}.`)
    if (topic.error !== undefined) return refuse(topic.error.code, topic.error.message)
    return { ok: true, value: { topic, brokers: outcome.value.brokers } }
  }

  #channelTo({ endpoints }: BrokerDescription): Channel | undefined {
    const { listen, transport } = this.#options
    const same = endpoints.find(({ listener }) => listener === listen.endpoint.listener)
    const endpoint = same ?? endpoints[0]
    if (endpoint === undefined) return undefined
    const { host, port } = endpoint
    const key = `${host} ${port}`
    const known = this.#channels.get(key)
    if (known !== undefined) return known
    const hello = {
      clusterId: listen.clusterId,
      protocolMin: protocolVersions.min,
      protocolMax: protocolVersions.max,
      clientId: `plain door of node ${listen.nodeId}`,
      features: [],
    }
    const channel = transport.connect({ host, port, role: 'client', hello })
    this.#channels.set(key, channel)
    return channel
  }
}

/** What a caller of the plain door is told: only some faults mean that nothing happened. */
function codeOf(fault: TransportFault): 'LEADER_NOT_AVAILABLE' | 'REQUEST_TIMED_OUT' {
  const { code } = fault
  const isCertain =
    code === 'refused' || code === 'unresolved' || code === 'rejected' || code === 'overloaded'
  return isCertain ? 'LEADER_NOT_AVAILABLE' : 'REQUEST_TIMED_OUT'
}
