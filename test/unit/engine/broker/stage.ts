/** A small cluster in the simulator that is asked request by request, without an SDK. */
import { present } from '../../../../src/base/assert.ts'
import { utf8 } from '../../../../src/base/bytes.ts'
import {
  epoch,
  offset,
  partitionIndex,
  type Offset,
  type TopicId,
} from '../../../../src/base/id.ts'
import { type ApiName, type Apis } from '../../../../src/core/api/apis.ts'
import { type ErrorCode, type Outcome } from '../../../../src/core/api/error-code.ts'
import { type PartitionFetched } from '../../../../src/core/api/fetch.ts'
import { type Hello } from '../../../../src/core/api/hello.ts'
import { type PartitionDescription } from '../../../../src/core/api/metadata.ts'
import { type Acks, type PartitionProduced } from '../../../../src/core/api/produce.ts'
import { forEachBatch, baseOffset } from '../../../../src/core/record/batch-header.ts'
import { encodeBatch } from '../../../../src/core/record/batch-writer.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { type HostedPartition } from '../../../../src/engine/broker/hosted-partition.ts'
import { TransportFault } from '../../../../src/engine/ports/fault.ts'
import { type Ports } from '../../../../src/engine/ports/ports.ts'
import { type Channel } from '../../../../src/engine/ports/transport.ts'
import { sleep } from '../../../../src/engine/runtime/sleep.ts'
import { type Violation } from '../../../../src/sim/checker/history.ts'
import { SimCluster, type ClusterNode } from '../../../../src/sim/sim-cluster.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'

const host = openSimHost()
const clientHello: Hello = { protocolMin: 1, protocolMax: 1, clientId: 'test', features: [] }

/** Runs a test on a cluster of brokers that are all in service. */
export async function onBrokers(
  brokerCount: number,
  work: (stage: BrokerStage) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const scheduler = new SimScheduler({ seed: `broker/${brokerCount}`, host })
  const violations: Violation[] = []
  const cluster = new SimCluster(scheduler, shapeOf(brokerCount, settings), {
    violate: (violation) => violations.push(violation),
    onAnswer: () => undefined,
  })
  await scheduler.run(
    async () => {
      await cluster.format()
      for (const node of cluster.nodes) cluster.start(node)
      const stage = new BrokerStage(cluster)
      await stage.until(() => cluster.nodes.every((node) => stage.isRunning(node)))
      await work(stage)
    },
    { virtualMsMax: 600_000, eventCountMax: 2_000_000 },
  )
  if (violations.length > 0) throw new Error(violations.map(({ message }) => message).join('\n'))
}

/** What a test works with. */
export class BrokerStage {
  readonly cluster: SimCluster
  readonly #ports: Ports
  readonly #channels = new Map<string, Channel>()

  constructor(cluster: SimCluster) {
    this.cluster = cluster
    this.#ports = cluster.clientPorts()
  }

  nowMs(): number {
    return this.#ports.clock.nowMs()
  }

  async sleep(ms: number): Promise<void> {
    await sleep(this.#ports.clock, ms)
  }

  /** Looks again every few milliseconds; the run's limit ends what never comes true. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.sleep(5)
  }

  isRunning(node: ClusterNode): boolean {
    return node.node?.status().broker?.state === 'running'
  }

  node(id: number): ClusterNode {
    return present(
      this.cluster.nodes.find(({ planned }) => planned.id === id),
      `node ${id}`,
    )
  }

  /** The partition as a broker hosts it. */
  replica(id: number, topicName: string, partition = 0): HostedPartition | undefined {
    const hosted = [...(this.node(id).node?.parts().hosted() ?? [])]
    return hosted.find((one) => one.topicName === topicName && one.partition === partition)
  }

  /** Asks one broker; a lost connection is a refusal of its own. */
  async ask<A extends ApiName>(
    id: number,
    api: A,
    request: Apis[A]['request'],
    how: { readonly timeoutMs?: number; readonly hello?: Hello } = {},
  ): Promise<Outcome<Apis[A]['response']>> {
    try {
      const channel = this.#channel(id, how.hello ?? clientHello)
      return await channel.request(api, request, { timeoutMs: how.timeoutMs ?? 30_000 })
    } catch (cause) {
      if (!(cause instanceof TransportFault)) throw cause
      return { ok: false, code: 'BROKER_NOT_AVAILABLE', message: cause.code }
    }
  }

  /** Makes a topic of one partition with these replicas and waits until all of them host it. */
  async topic(
    name: string,
    replicas: readonly number[],
    configs: Readonly<Record<string, string>> = {},
  ): Promise<TopicId> {
    const assignments = [replicas.map((id) => this.node(id).planned.id)] as never
    const outcome = await this.ask(this.anyRunning(), 'create-topics', {
      topics: [{ name, assignments, configs }],
      validateOnly: false,
    })
    const created = outcome.ok ? outcome.value.topics[0] : undefined
    const topicId = present(created?.topicId, `a topic ${JSON.stringify(outcome)}`)
    await this.until(() => replicas.every((id) => this.replica(id, name)?.state.registration()))
    return topicId
  }

  /** The newest state of the one partition of a topic, over all brokers: one that is cut off knows an old one. */
  async describe(name: string): Promise<PartitionDescription> {
    const running = this.cluster.nodes.filter((node) => this.isRunning(node))
    const asked = running.map(async ({ planned }) =>
      this.ask(planned.id, 'metadata', { topics: [name] }),
    )
    const answers = (await Promise.all(asked)).flatMap((outcome) =>
      outcome.ok ? [outcome.value] : [],
    )
    const newest = answers.sort((left, right) => right.metadataOffset - left.metadataOffset)[0]
    return present(newest?.topics[0]?.partitions[0], `partition 0 of ${name}`)
  }

  async leaderOf(name: string): Promise<number> {
    return present((await this.describe(name)).leader, `a leader of ${name}`)
  }

  /** Sends one batch of values to a broker. */
  async produce(
    id: number,
    topicId: TopicId,
    what: {
      readonly values?: readonly string[]
      readonly bytes?: Uint8Array
      readonly acks?: Acks
      readonly timeoutMs?: number
    } = {},
  ): Promise<PartitionProduced | { readonly error: { readonly code: ErrorCode } }> {
    const records = what.bytes ?? batchOf(what.values ?? ['value'])
    const request = {
      acks: what.acks ?? ('all' as const),
      partitions: [{ topicId, partition: partitionIndex(0), records }],
    }
    const outcome = await this.ask(id, 'produce', request, { timeoutMs: what.timeoutMs ?? 30_000 })
    if (!outcome.ok) return { error: { code: outcome.code } }
    return present(outcome.value.partitions[0], 'an answer')
  }

  /** Fetches from one broker; absent when nothing came. */
  async fetch(
    id: number,
    topicId: TopicId,
    what: {
      readonly from?: number
      readonly waitMs?: number
      readonly leaderEpoch?: number
      readonly bytesMin?: number
      readonly isSuspect?: true
    } = {},
  ): Promise<PartitionFetched | undefined> {
    const { leaderEpoch, isSuspect } = what
    const outcome = await this.ask(id, 'fetch', {
      waitMsMax: what.waitMs ?? 0,
      bytesMin: what.bytesMin ?? 1,
      bytesMax: 1_000_000,
      isolation: 'uncommitted',
      partitions: [
        {
          topicId,
          partition: partitionIndex(0),
          fetchOffset: offset(what.from ?? 0),
          bytesMax: 1_000_000,
          ...(leaderEpoch !== undefined && { leaderEpoch: epoch(leaderEpoch) }),
          ...(isSuspect && { isSuspect }),
        },
      ],
    })
    return outcome.ok ? outcome.value.partitions[0] : undefined
  }

  anyRunning(): number {
    const node = this.cluster.nodes.find((one) => this.isRunning(one))
    return present(node, 'a running broker').planned.id
  }

  #channel(id: number, hello: Hello): Channel {
    const node = this.node(id)
    const key = `${id}/${node.life}/${hello.broker?.brokerId ?? ''}`
    const known = this.#channels.get(key)
    if (known !== undefined) return known
    const options = { host: node.host, port: 7092, hello, role: 'client' as const }
    const channel = this.#ports.transport.connect(options)
    this.#channels.set(key, channel)
    return channel
  }
}

/** One batch with these values. */
export function batchOf(values: readonly string[]): Uint8Array {
  return encodeBatch({
    records: values.map((value) => ({ value: utf8(value), timestampMs: 1 })),
    baseOffset: offset(0),
    leaderEpoch: epoch(0),
  })
}

/** Base offsets of the batches that were fetched. */
export function offsetsOf(fetched: PartitionFetched | undefined): readonly Offset[] {
  const offsets: Offset[] = []
  for (const slice of fetched?.records ?? []) {
    forEachBatch(slice, (at) => offsets.push(baseOffset(slice, at)))
  }
  return offsets
}

function shapeOf(
  brokerCount: number,
  settings: Readonly<Record<string, string>>,
): ConstructorParameters<typeof SimCluster>[1] {
  return {
    nodes: Array.from({ length: brokerCount }, (_, index) => ({
      id: index + 1,
      roles: ['broker', 'controller'],
    })),
    settings: { 'broker.session.timeout.ms': '3000', 'log.level': 'debug', ...settings },
    directories: settings['log.dirs']?.split(',') ?? ['/data'],
    partitionCounts: [1],
    replicationFactor: Math.min(3, brokerCount),
    faultKinds: [],
    faultPauseMs: 1000,
    faultsMs: 0,
    producerCount: 0,
    sendPauseMs: 100,
    hasTopicChurn: false,
    delays: { usualMs: 0.2, slowChance: 0, slowMsMax: 0 },
    resetChance: 0,
    diskSlowness: 1,
  }
}
