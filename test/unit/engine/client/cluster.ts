/** A small cluster in the simulator for tests of the SDK: real broker nodes, virtual time, no faults of its own. */
import { present } from '../../../../src/base/assert.ts'
import { openSimHost } from '../../../../src/edge/system/sim-host.ts'
import { ClusterClient, type ClientOptions } from '../../../../src/engine/client/client.ts'
import { sleep } from '../../../../src/engine/runtime/sleep.ts'
import { type Violation } from '../../../../src/sim/checker/history.ts'
import { SimCluster, type ClusterNode } from '../../../../src/sim/sim-cluster.ts'
import { SimScheduler } from '../../../../src/sim/sim-scheduler.ts'

/** What a test works with. */
export interface Stage {
  readonly cluster: SimCluster
  readonly newClient: (options?: ClientOptions) => ClusterClient
  readonly sleep: (ms: number) => Promise<void>
  readonly nowMs: () => number
  /** The node that leads a partition, by the metadata. */
  readonly leaderOf: (
    client: ClusterClient,
    topic: string,
    partition: number,
  ) => Promise<ClusterNode>
}

const host = openSimHost()

/** Runs a test on a cluster of `nodeCount` nodes with both roles. */
export async function onCluster(
  nodeCount: number,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const scheduler = new SimScheduler({ seed: `client/${nodeCount}`, host })
  const violations: Violation[] = []
  const cluster = new SimCluster(scheduler, shapeOf(nodeCount), {
    violate: (violation) => violations.push(violation),
    onAnswer: () => undefined,
  })
  await scheduler.run(
    async () => {
      await cluster.format()
      for (const node of cluster.nodes) cluster.start(node)
      const stage = stageOf(cluster)
      await allRegistered(stage, nodeCount)
      await work(stage)
    },
    { virtualMsMax: 600_000, eventCountMax: 2_000_000 },
  )
  if (violations.length > 0) throw new Error(violations.map(({ message }) => message).join('\n'))
}

async function allRegistered(stage: Stage, nodeCount: number): Promise<void> {
  const client = stage.newClient({ connectTimeoutMs: 60_000 })
  for (;;) {
    const { brokers } = await client.admin.describeCluster()
    if (brokers.filter((broker) => !broker.isFenced).length === nodeCount) break
    await stage.sleep(50)
  }
  await client.close()
}

function stageOf(cluster: SimCluster): Stage {
  const { clock } = cluster
  return {
    cluster,
    newClient: (options = {}) => {
      const bootstrap = cluster.bootstrap().map((address) => `${address.host}:${address.port}`)
      return new ClusterClient(cluster.clientPorts(), { bootstrap, ...options })
    },
    sleep: async (ms) => sleep(clock, ms),
    nowMs: () => clock.nowMs(),
    leaderOf: async (client, topic, partition) => {
      const { partitions } = await client.admin.describeTopic(topic)
      const leader = partitions[partition]?.leader
      const node = cluster.nodes.find(({ planned }) => planned.id === leader)
      return present(node, 'a leader')
    },
  }
}

function shapeOf(nodeCount: number): ConstructorParameters<typeof SimCluster>[1] {
  return {
    nodes: Array.from({ length: nodeCount }, (_, index) => ({
      id: index + 1,
      roles: ['broker', 'controller'],
    })),
    settings: { 'broker.session.timeout.ms': '2000' },
    directories: ['/data'],
    partitionCounts: [1],
    replicationFactor: Math.min(3, nodeCount),
    faultKinds: [],
    faultPauseMs: 1000,
    faultsMs: 0,
    diskSlowness: 1,
    hasTopicChurn: false,
    producerCount: 0,
    sendPauseMs: 100,
    delays: { usualMs: 0.2, slowChance: 0, slowMsMax: 0 },
    resetChance: 0,
  }
}
