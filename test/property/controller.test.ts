import fc from 'fast-check'
import { expect, test } from 'vitest'
import { offset, epoch, partitionIndex } from '../../src/base/id.ts'
import { minInsyncReplicas } from '../../src/core/config/effective-config.ts'
import {
  type MetadataImage,
  type PartitionRegistration,
} from '../../src/core/metadata/image/image.ts'
import { Clerk } from '../golden/controller/clerk.ts'

const brokerIds = [1, 2, 3, 4]
const broker = fc.constantFrom(...brokerIds)
const topic = fc.constantFrom('a', 'b', 'c')

type Act = (clerk: Clerk) => void

// With its own choice of who is in it, of those that may be.
function shrinkOrGrow(clerk: Clerk, name: string, mask: number): void {
  if (!clerk.image().topicIds.has(name)) return
  const { leader, replicas } = clerk.partition(name, 0)
  if (leader === undefined) return
  const isr = replicas.filter((id, index) => id === leader || (mask & (1 << index)) !== 0)
  clerk.alter(name, 0, { isr })
}

function registerUnclean(
  clerk: Clerk,
  id: number,
  reason: 'interval' | 'corrupt' | 'damaged',
): void {
  const uncleanLogs = [...clerk.image().topics.values()].map((image, index) => ({
    topicId: image.id,
    partition: partitionIndex(0),
    reason,
    lastEpoch: epoch(index),
    endOffset: offset(id * 10),
  }))
  clerk.register(id, { uncleanLogs })
  for (const { topicId } of uncleanLogs) {
    const partition = clerk.image().topics.get(topicId)?.partitions[0]
    expect(partition?.isr).not.toContain(id)
    expect(partition?.elr).not.toContain(id)
  }
}

const act: fc.Arbitrary<Act> = fc.oneof(
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.register(id),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.register(id, { directories: [`new${id}`] }),
  ),
  fc
    .tuple(broker, fc.constantFrom('interval' as const, 'corrupt' as const, 'damaged' as const))
    .map(([id, reason]): Act => (clerk) => {
      registerUnclean(clerk, id, reason)
    }),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.heartbeat(id),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.heartbeat(id),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.heartbeat(id, { fence: true }),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.heartbeat(id, { shutdown: true }),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.heartbeat(id, { offline: [`dir${id}`] }),
  ),
  broker.map(
    (id): Act =>
      (clerk) =>
        clerk.fence(id),
  ),
  fc.tuple(topic, fc.integer({ min: 1, max: 4 })).map(
    ([name, replication]): Act =>
      (clerk) =>
        clerk.create(name, { partitions: 2, replication }),
  ),
  fc.tuple(topic, fc.nat(15)).map(([name, mask]): Act => (clerk) => {
    shrinkOrGrow(clerk, name, mask)
  }),
  fc.tuple(topic, fc.nat(15)).map(([name, mask]): Act => (clerk) => {
    shrinkOrGrow(clerk, name, mask)
  }),
  topic.map((name): Act => (clerk) => {
    if (clerk.image().topicIds.has(name)) clerk.alter(name, 0, { resigns: true })
  }),
  fc.tuple(topic, fc.constantFrom('1', '2', '3')).map(
    ([name, value]): Act =>
      (clerk) =>
        clerk.configure({ type: 'topic', name }, 'min.insync.replicas', value),
  ),
  fc.tuple(topic, fc.constantFrom('true', 'false')).map(
    ([name, value]): Act =>
      (clerk) =>
        clerk.configure({ type: 'topic', name }, 'unclean.leader.election.enable', value),
  ),
  topic.map(
    (name): Act =>
      (clerk) =>
        clerk.ask('delete-topics', { names: [name] }),
  ),
  fc.constant<Act>((clerk) => clerk.rebalance()),
)

function checkPartition(
  image: MetadataImage,
  name: string,
  partition: PartitionRegistration,
): void {
  const { replicas, isr, elr, leader } = partition
  const minIsr = minInsyncReplicas(image, { name, replicaCount: replicas.length })
  if (leader !== undefined) expect(isr, 'P1: leader in ISR').toContain(leader)
  for (const id of [...isr, ...elr]) expect(replicas, 'P1: members are replicas').toContain(id)
  for (const id of elr) expect(isr, 'P1: disjoint').not.toContain(id)
  if (isr.length >= minIsr) expect(elr, 'P1: no ELR at min ISR').toEqual([])
  for (const id of isr) {
    const member = image.brokers.get(id)
    expect(member?.isFenced, 'P2: nobody fenced in an ISR').toBe(false)
    expect(member?.inControlledShutdown, 'P2: nobody leaving in an ISR').toBe(false)
  }
  if (isr.length > 0) expect(leader, 'an ISR has a leader').toBeDefined()
}

function checkStep(before: MetadataImage, after: MetadataImage): void {
  for (const { id, name, partitions } of after.topics.values()) {
    partitions.forEach((partition, index) => {
      checkPartition(after, name, partition)
      const earlier = before.topics.get(id)?.partitions[index]
      if (earlier === undefined || earlier === partition) return
      expect(partition.partitionEpoch).toBeGreaterThan(earlier.partitionEpoch)
      expect(partition.leaderEpoch).toBeGreaterThanOrEqual(earlier.leaderEpoch)
      if (partition.leader !== earlier.leader) {
        expect(partition.leaderEpoch, 'P5').toBeGreaterThan(earlier.leaderEpoch)
      }
    })
  }
}

test('whatever is decided, P1, P2, P5 and P6 hold after each step', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 1, maxLength: 60 }), (acts) => {
      const clerk = new Clerk()
      clerk.bringUp(1, 2, 3)
      clerk.create('a', { partitions: 1, replication: 3 })
      for (const perform of acts) {
        const before = clerk.image()
        perform(clerk)
        checkStep(before, clerk.image())
      }
    }),
    { numRuns: 600 },
  )
})

test('once every broker is back with a clean log, every partition has a leader', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(broker, fc.nat(3)), { maxLength: 40 }), (steps) => {
      const clerk = new Clerk()
      clerk.bringUp(...brokerIds)
      for (const name of ['a', 'b', 'c']) clerk.create(name, { partitions: 2, replication: 3 })
      for (const [id, kind] of steps) {
        if (kind === 0) clerk.fence(id)
        if (kind === 1) clerk.register(id)
        if (kind === 2) clerk.heartbeat(id)
        if (kind === 3) clerk.heartbeat(id, { shutdown: true })
      }
      for (const id of brokerIds) {
        clerk.register(id)
        clerk.heartbeat(id)
      }
      for (const { partitions } of clerk.image().topics.values()) {
        for (const { leader } of partitions) expect(leader).toBeDefined()
      }
    }),
    { numRuns: 300 },
  )
})
