import { expect, test } from 'vitest'
import {
  brokerEpoch,
  directoryId,
  epoch,
  incarnationId,
  nodeId,
  offset,
  partitionEpoch,
  topicId,
} from '../../../../src/base/id.ts'
import { emptyImage } from '../../../../src/core/metadata/image/empty.ts'
import {
  type BrokerRegistration,
  type MetadataImage,
  type PartitionRegistration,
} from '../../../../src/core/metadata/image/image.ts'
import {
  ReplicationRules,
  type ReplicaView,
} from '../../../../src/sim/checker/replication-rules.ts'

const id = 'AAAAAAAAAAAAAAAAAAAAAg'
const ids = (...values: number[]): readonly ReturnType<typeof nodeId>[] => values.map(nodeId)

function broker(value: number, over: Partial<BrokerRegistration> = {}): BrokerRegistration {
  return {
    id: nodeId(value),
    epoch: brokerEpoch(10 + value),
    incarnationId: incarnationId(id),
    endpoints: [],
    directoryIds: [],
    features: [],
    uncleanLogs: [],
    isFenced: false,
    inControlledShutdown: false,
    changeOffset: offset(0),
    ...over,
  }
}

const healthy: PartitionRegistration = {
  replicas: ids(1, 2, 3),
  directories: [1, 2, 3].map(() => directoryId(id)),
  isr: ids(1, 2, 3),
  elr: [],
  lastKnownElr: [],
  addingReplicas: [],
  removingReplicas: [],
  leader: nodeId(1),
  leaderEpoch: epoch(1),
  uncleanElectionCount: 0,
  partitionEpoch: partitionEpoch(1),
}

function imageOf(
  partition: Partial<PartitionRegistration>,
  brokers: readonly BrokerRegistration[] = [broker(1), broker(2), broker(3)],
): MetadataImage {
  const topic = { id: topicId(id), name: 't', partitions: [{ ...healthy, ...partition }] }
  return {
    ...emptyImage,
    offset: offset(50),
    topics: emptyImage.topics.set(topic.id, topic),
    brokers: brokers.reduce((all, one) => all.set(one.id, one), emptyImage.brokers),
  }
}

function replica(node: number, durableOffset: number, leader?: ReplicaView['leader']): ReplicaView {
  return { node, topicId: id, partition: 0, durableOffset, ...(leader && { leader }) }
}

function leading(highWatermark: number, ...maximalIsr: number[]): ReplicaView['leader'] {
  return { epoch: 1, highWatermark, maximalIsr }
}

function rulesBroken(work: (rules: ReplicationRules) => void): readonly string[] {
  const broken = new Set<string>()
  work(
    new ReplicationRules(
      ({ rule }) => {
        broken.add(rule)
      },
      () => 2,
    ),
  )
  return [...broken]
}

test('a healthy partition, its shrunk ISR and its next leader pass', () => {
  const broken = rulesBroken((rules) => {
    rules.observe(imageOf({}), [replica(1, 5, leading(4, 1, 2, 3)), replica(2, 4), replica(3, 4)])
    rules.observe(imageOf({ isr: ids(1, 2), partitionEpoch: partitionEpoch(2) }), [
      replica(1, 6, leading(5, 1, 2)),
      replica(2, 5),
      replica(3, 4),
    ])
    rules.observe(
      imageOf({
        isr: ids(2),
        elr: ids(1),
        leader: nodeId(2),
        leaderEpoch: epoch(2),
        partitionEpoch: partitionEpoch(3),
      }),
      [replica(1, 6), replica(2, 5, leading(5, 2)), replica(3, 4)],
    )
    expect(rules.highWatermarkOf(id, 0)).toBe(5)
  })
  expect(broken).toEqual([])
})

test('P1: a leader outside the ISR, members that are no replicas, an overlap, a needless ELR', () => {
  for (const partition of [
    { isr: ids(2, 3) },
    { isr: ids(1, 9) },
    { isr: ids(1), elr: ids(1) },
    { isr: ids(1, 2), elr: ids(3) },
  ])
    expect(
      rulesBroken((rules) => {
        const brokers = [broker(1), broker(2), broker(3), broker(9)]
        rules.observe(imageOf(partition, brokers), [])
      }),
    ).toEqual(['P1'])
})

test('P2: a fenced, stopping or unknown broker in an ISR', () => {
  for (const brokers of [
    [broker(1), broker(2), broker(3, { isFenced: true })],
    [broker(1), broker(2), broker(3, { inControlledShutdown: true })],
    [broker(1), broker(2)],
  ])
    expect(
      rulesBroken((rules) => {
        rules.observe(imageOf({}, brokers), [])
      }),
    ).toEqual(['P2'])
})

test('P3: a leader does not count a member of the committed ISR', () => {
  expect(
    rulesBroken((rules) => {
      rules.observe(imageOf({}), [replica(1, 5, leading(0, 1, 2)), replica(2, 5), replica(3, 5)])
    }),
  ).toEqual(['P3'])
})

test('P4: a member of the ISR or ELR lacks what is below the high watermark', () => {
  for (const partition of [{}, { isr: ids(1), elr: ids(3) }])
    expect(
      rulesBroken((rules) => {
        rules.observe(imageOf({ ...partition, partitionEpoch: partitionEpoch(9) }), [
          replica(1, 5, leading(5, 1, 2)),
          replica(2, 5),
          replica(3, 4),
        ])
      }),
    ).toContain('P4')
})

test('P5: epochs go back, or a leader changes in the same epoch', () => {
  for (const next of [
    { leaderEpoch: epoch(0), partitionEpoch: partitionEpoch(2) },
    { partitionEpoch: partitionEpoch(0) },
    { leader: nodeId(2), partitionEpoch: partitionEpoch(2) },
    { isr: ids(1, 2) },
  ])
    expect(
      rulesBroken((rules) => {
        rules.observe(imageOf({}), [])
        rules.observe(imageOf(next), [])
      }),
    ).toEqual(['P5'])
})

test('P6: a replica that registered as unclean still counts', () => {
  const unclean = {
    brokerId: nodeId(3),
    brokerEpoch: brokerEpoch(13),
    partitions: [{ topicId: id, partition: 0 }],
  }
  const later = { ...unclean, brokerEpoch: brokerEpoch(99) }
  expect(
    rulesBroken((rules) => {
      rules.registeredUnclean(later)
      rules.observe(imageOf({}), [])
    }),
  ).toEqual([])
  expect(
    rulesBroken((rules) => {
      rules.registeredUnclean(unclean)
      rules.observe(imageOf({}), [])
    }),
  ).toEqual(['P6'])
})

test('P7: a high watermark beyond what a member of the maximal ISR has on disk', () => {
  expect(
    rulesBroken((rules) => {
      rules.observe(imageOf({ isr: ids(1, 2) }), [
        replica(1, 5, leading(5, 1, 2, 3)),
        replica(2, 5),
        replica(3, 4),
      ])
    }),
  ).toContain('P7')
})

test('P7: a member that the quorum has taken out may have less, while the high watermark stands', () => {
  const look = (highWatermark: number): readonly ReplicaView[] => [
    replica(1, highWatermark, leading(highWatermark, 1, 2, 3)),
    replica(2, highWatermark),
    replica(3, 0),
  ]
  const broken = (next: number): readonly string[] =>
    rulesBroken((rules) => {
      rules.observe(imageOf({ isr: ids(1, 2, 3) }), [
        replica(1, 5, leading(5, 1, 2, 3)),
        replica(2, 5),
        replica(3, 5),
      ])
      rules.observe(imageOf({ isr: ids(1, 2), partitionEpoch: partitionEpoch(2) }), look(next))
    })
  expect(broken(5)).not.toContain('P7')
  expect(broken(6)).toContain('P7')
})
