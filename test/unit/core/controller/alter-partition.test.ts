import { expect, test } from 'vitest'
import {
  brokerEpoch,
  epoch,
  nodeId,
  partitionEpoch,
  partitionIndex,
  topicId,
} from '../../../../src/base/id.ts'
import { type PartitionAlteration } from '../../../../src/core/api/alter-partition.ts'
import { Clerk, idOf } from '../../../golden/controller/clerk.ts'

function withTopic(): Clerk {
  const clerk = new Clerk()
  clerk.bringUp(1, 2, 3)
  clerk.create('t', { assignments: [[1, 2, 3]] })
  return clerk
}

function codeOf(clerk: Clerk, changes: Partial<PartitionAlteration>, from = 1): string {
  const { leaderEpoch, partitionEpoch: present } = clerk.partition('t', 0)
  const epochOf = (id: number): number => clerk.image().brokers.get(nodeId(id))?.epoch ?? 0
  const outcome = clerk.ask('alter-partition', {
    brokerId: nodeId(from),
    brokerEpoch: brokerEpoch(epochOf(from)),
    partitions: [
      {
        topicId: clerk.image().topicIds.get('t') ?? topicId(idOf('none')),
        partition: partitionIndex(0),
        leaderEpoch,
        partitionEpoch: present,
        newIsr: [1, 2].map((id) => ({
          brokerId: nodeId(id),
          brokerEpoch: brokerEpoch(epochOf(id)),
        })),
        resigns: false,
        ...changes,
      },
    ],
  })
  return outcome.ok ? (outcome.value.partitions[0]?.error?.code ?? 'ok') : outcome.code
}

test('only the leader of the present epochs changes the ISR', () => {
  const clerk = withTopic()
  expect(codeOf(clerk, {})).toBe('ok')
  expect(codeOf(clerk, { partitionEpoch: partitionEpoch(0) })).toBe('INVALID_UPDATE_VERSION')
  expect(codeOf(clerk, { partitionEpoch: partitionEpoch(9) })).toBe('NOT_CONTROLLER')
  expect(codeOf(clerk, { leaderEpoch: epoch(9) })).toBe('NOT_CONTROLLER')
  expect(codeOf(clerk, {}, 2)).toBe('INVALID_REQUEST')
  clerk.fence(1)
  expect(codeOf(clerk, { leaderEpoch: epoch(0) }, 2)).toBe('FENCED_LEADER_EPOCH')
})

test('an unknown topic or partition is named as such', () => {
  const clerk = withTopic()
  expect(codeOf(clerk, { topicId: topicId(idOf('none')) })).toBe('UNKNOWN_TOPIC_ID')
  expect(codeOf(clerk, { partition: partitionIndex(7) })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('a member that was registered anew since the leader saw its fetches may not join', () => {
  const clerk = withTopic()
  clerk.alter('t', 0, { isr: [1, 3] })
  const stale = clerk.image().brokers.get(nodeId(2))?.epoch ?? brokerEpoch(0)
  clerk.register(2)
  clerk.heartbeat(2)
  const leader = clerk.image().brokers.get(nodeId(1))?.epoch ?? brokerEpoch(0)
  const newIsr = [
    { brokerId: nodeId(1), brokerEpoch: leader },
    { brokerId: nodeId(2), brokerEpoch: stale },
  ]
  expect(codeOf(clerk, { newIsr })).toBe('INELIGIBLE_REPLICA')
  expect(codeOf(clerk, {})).toBe('ok')
})

test('the answer is the state that the leader may adopt', () => {
  const clerk = withTopic()
  expect(clerk.alter('t', 0, { isr: [1, 2] })).toMatchObject({
    value: { partitions: [{ leader: 1, leaderEpoch: 0, isr: [1, 2], partitionEpoch: 1 }] },
  })
  clerk.alter('t', 0, { isr: [1, 2] })
  expect(clerk.records()).toEqual([])
})

test('leaders are elected on request where that changes something', () => {
  const clerk = withTopic()
  clerk.register(1)
  clerk.heartbeat(1)
  const elect = (topic: string): unknown =>
    clerk.ask('elect-leaders', { partitions: [{ topic, partition: partitionIndex(0) }] })
  const failed = (code: string): object => ({ value: { partitions: [{ error: { code } }] } })
  expect(elect('x')).toMatchObject(failed('UNKNOWN_TOPIC_OR_PARTITION'))
  expect(elect('t')).toMatchObject(failed('PREFERRED_LEADER_NOT_AVAILABLE'))
  clerk.alter('t', 0, { isr: [1, 2, 3] })
  expect(elect('t')).toEqual({ ok: true, value: { partitions: [{ topic: 't', partition: 0 }] } })
  expect(clerk.partition('t', 0).leader).toBe(1)
  expect(elect('t')).toMatchObject(failed('ELECTION_NOT_NEEDED'))
  expect(clerk.ask('elect-leaders', {})).toEqual({ ok: true, value: { partitions: [] } })
})

test('leadership returns by itself only to a broker that has settled', () => {
  const clerk = withTopic()
  clerk.register(1)
  clerk.heartbeat(1)
  clerk.alter('t', 0, { isr: [1, 2, 3] })
  clerk.unsettled.add(nodeId(1))
  expect(clerk.rebalance()).toMatchObject({ value: { movedCount: 0, waitingCount: 1 } })
  clerk.unsettled.clear()
  expect(clerk.rebalance()).toMatchObject({ value: { movedCount: 1, waitingCount: 0 } })
  expect(clerk.rebalance()).toMatchObject({ value: { movedCount: 0, waitingCount: 0 } })
})
