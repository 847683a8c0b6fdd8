import { expect, test } from 'vitest'
import { nodeId } from '../../../../src/base/id.ts'
import { type NewTopic } from '../../../../src/core/api/cluster-admin.ts'
import { minInsyncReplicas } from '../../../../src/core/config/effective-config.ts'
import { Clerk } from '../../../golden/controller/clerk.ts'

function cluster(brokerCount = 3): Clerk {
  const clerk = new Clerk()
  clerk.bringUp(...Array.from({ length: brokerCount }, (_, index) => index + 1))
  return clerk
}

function codeOf(clerk: Clerk, topic: Partial<NewTopic>): string {
  const outcome = clerk.ask('create-topics', {
    topics: [{ name: 't', configs: {}, ...topic }],
    validateOnly: false,
  })
  if (!outcome.ok) return outcome.code
  return outcome.value.topics[0]?.error?.code ?? 'ok'
}

test('a topic takes the defaults of the cluster for what it does not say', () => {
  const outcome = cluster().create('t')
  expect(outcome).toMatchObject({
    value: { topics: [{ name: 't', partitionCount: 1, replicationFactor: 3 }] },
  })
  expect(cluster(1).create('t')).toMatchObject({
    value: { topics: [{ replicationFactor: 1 }] },
  })
})

test('names are checked', () => {
  const clerk = cluster()
  for (const name of ['', '.', '..', 'a b', 'ä', 'a/b', 'x'.repeat(250), '__cluster_metadata']) {
    expect(codeOf(clerk, { name })).toBe('INVALID_TOPIC_EXCEPTION')
  }
  expect(codeOf(clerk, { name: 'A.b_c-9' })).toBe('ok')
  expect(codeOf(clerk, { name: 'A.b_c-9' })).toBe('TOPIC_ALREADY_EXISTS')
})

test('counts are checked', () => {
  const clerk = cluster()
  for (const partitionCount of [0, -1, 1e9, 100_001, 1.5, 20_000]) {
    expect(codeOf(clerk, { partitionCount })).toBe('INVALID_PARTITIONS')
  }
  for (const replicationFactor of [0, -1, 4, 1.5]) {
    expect(codeOf(clerk, { replicationFactor })).toBe('INVALID_REPLICATION_FACTOR')
  }
})

test('a replication factor above the broker count is refused with one clear sentence', () => {
  const outcome = cluster(2).create('t', { partitions: 1, replication: 3 })
  expect(outcome).toMatchObject({
    value: {
      topics: [
        {
          error: {
            message: 'Replication factor 3 of topic t is not possible: 2 brokers are registered.',
          },
        },
      ],
    },
  })
})

test('assignments are checked', () => {
  const clerk = cluster()
  const ids = (
    ...assignment: readonly number[][]
  ): { assignments: ReturnType<typeof nodeId>[][] } => ({
    assignments: assignment.map((replicas) => replicas.map(nodeId)),
  })
  expect(codeOf(clerk, ids([1, 1]))).toBe('INVALID_REPLICA_ASSIGNMENT')
  expect(codeOf(clerk, ids([1, 9]))).toBe('INVALID_REPLICA_ASSIGNMENT')
  expect(codeOf(clerk, ids([1, 2], [1]))).toBe('INVALID_REPLICA_ASSIGNMENT')
  expect(codeOf(clerk, ids([], []))).toBe('INVALID_REPLICA_ASSIGNMENT')
  expect(codeOf(clerk, ids())).toBe('INVALID_PARTITIONS')
  expect(codeOf(clerk, { ...ids([1]), partitionCount: 1 })).toBe('INVALID_REQUEST')
  clerk.fence(1)
  expect(codeOf(clerk, ids([1]))).toBe('INVALID_REPLICA_ASSIGNMENT')
  expect(codeOf(clerk, ids([1, 2]))).toBe('ok')
  expect(clerk.partition('t', 0)).toMatchObject({ isr: [2], leader: 2, elr: [] })
})

test('configs are checked, and the nearest known key is named', () => {
  const clerk = cluster()
  expect(codeOf(clerk, { configs: { 'retention.ms': 'soon' } })).toBe('INVALID_CONFIG')
  const outcome = clerk.create('t', { configs: { 'segment.byte': '1' } })
  expect(outcome).toMatchObject({
    value: {
      topics: [
        {
          error: {
            code: 'INVALID_CONFIG',
            message: '"segment.byte" is no config of topic t: did you mean segment.bytes?',
          },
        },
      ],
    },
  })
})

test('validation alone changes nothing', () => {
  const clerk = cluster()
  const topic = { name: 't', partitionCount: 3, replicationFactor: 3, configs: {} }
  const outcome = clerk.ask('create-topics', { topics: [topic], validateOnly: true })
  expect(outcome).toMatchObject({ value: { topics: [{ partitionCount: 3 }] } })
  expect(clerk.image().topics.size).toBe(0)
})

test('a deleted topic is gone with its configs, and may be created anew with another id', () => {
  const clerk = cluster()
  clerk.create('t', { configs: { flush: 'interval' } })
  const before = clerk.image().topicIds.get('t')
  clerk.ask('delete-topics', { names: ['t', 'other'] })
  expect(clerk.image().topics.size).toBe(0)
  clerk.create('t')
  expect(clerk.image().topicIds.get('t')).not.toBe(before)
  expect(clerk.image().configs.size).toBe(0)
  expect(clerk.ask('delete-topics', { names: ['other'] })).toMatchObject({
    value: { topics: [{ name: 'other', error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } }] },
  })
})

test('partitions are added behind the present ones, never taken away', () => {
  const clerk = cluster()
  clerk.create('t', { partitions: 2, replication: 2 })
  const grow = (partitionCount: number): string => {
    const outcome = clerk.ask('create-partitions', {
      topics: [{ name: 't', partitionCount }],
      validateOnly: false,
    })
    return outcome.ok ? (outcome.value.topics[0]?.error?.code ?? 'ok') : outcome.code
  }
  const before = clerk.partition('t', 0)
  expect(grow(6)).toBe('ok')
  expect(clerk.partition('t', 0)).toBe(before)
  expect(clerk.partition('t', 5).replicas).toHaveLength(2)
  expect(grow(6)).toBe('INVALID_PARTITIONS')
  expect(grow(1e9)).toBe('INVALID_PARTITIONS')
})

test('min ISR is 2 from three replicas on, else 1, and at most the replica count', () => {
  const clerk = cluster()
  const minIsr = (replicaCount: number): number =>
    minInsyncReplicas(clerk.image(), { name: 't', replicaCount })
  clerk.create('t')
  expect([1, 2, 3, 5].map(minIsr)).toEqual([1, 1, 2, 2])
  clerk.configure({ type: 'cluster', name: '' }, 'min.insync.replicas', '3')
  expect([1, 2, 3, 5].map(minIsr)).toEqual([1, 2, 3, 3])
  clerk.configure({ type: 'topic', name: 't' }, 'min.insync.replicas', '1')
  expect([1, 3].map(minIsr)).toEqual([1, 1])
})
