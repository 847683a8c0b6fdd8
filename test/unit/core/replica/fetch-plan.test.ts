import { expect, test } from 'vitest'
import { brokerEpoch, nodeId, partitionIndex, topicId } from '../../../../src/base/id.ts'
import { type ReplicaFetchRequest } from '../../../../src/core/api/replica-fetch.ts'
import {
  FollowerSession,
  LeaderSession,
  partitionKey,
  type PartitionId,
} from '../../../../src/core/replica/fetch-plan.ts'
import { positionOf } from './stage.ts'

function place(index: number): PartitionId {
  return { topicId: topicId('T'.repeat(22)), partition: partitionIndex(index) }
}

function request(sequence: number, partitions: readonly number[]): ReplicaFetchRequest {
  return {
    replicaId: nodeId(2),
    brokerEpoch: brokerEpoch(102),
    sessionId: 1,
    sequence,
    waitMsMax: 500,
    bytesMax: 1000,
    positions: partitions.map((partition) => positionOf({ partition })),
    forgotten: [],
  }
}

function keysOf(session: LeaderSession): readonly string[] {
  return [...session.candidates()].map(([key]) => key)
}

test('a follower sends every position once, then only what was touched', () => {
  const session = new FollowerSession()
  for (const index of [0, 1, 2]) session.add(place(index))
  const plan = (): readonly number[] =>
    session.plan((id) => positionOf({ partition: id.partition })).positions.map((p) => p.partition)
  expect(plan()).toEqual([0, 1, 2])
  expect(plan()).toEqual([])
  session.touch(place(1))
  session.touch(place(7))
  expect(plan()).toEqual([1])
})

test('a partition that left is named once', () => {
  const session = new FollowerSession()
  session.add(place(0))
  session.plan(() => undefined)
  session.remove(place(0))
  expect(session.plan(() => undefined).forgotten).toEqual([place(0)])
  expect(session.plan(() => undefined).forgotten).toEqual([])
})

test('a session that starts anew sends all positions with sequence 0', () => {
  const session = new FollowerSession()
  session.add(place(0))
  session.plan(() => positionOf({}))
  session.plan(() => positionOf({}))
  session.restart()
  const planned = session.plan(() => positionOf({}))
  expect(planned.sequence).toBe(0)
  expect(planned.positions).toHaveLength(1)
})

test('a leader takes the requests of a session in order and refuses the others', () => {
  const session = new LeaderSession(request(0, []))
  expect(session.accept(request(1, [0]))).toBe(false)
  expect(session.accept(request(0, [0]))).toBe(true)
  expect(session.accept(request(1, []))).toBe(true)
  expect(session.accept(request(1, []))).toBe(false)
  expect(session.accept({ ...request(2, []), brokerEpoch: brokerEpoch(500) })).toBe(false)
  expect(session.accept({ ...request(0, []), brokerEpoch: brokerEpoch(500) })).toBe(true)
})

test('a leader looks at new positions and at marked ones until they are settled', () => {
  const session = new LeaderSession(request(0, []))
  session.accept(request(0, [0, 1]))
  expect(keysOf(session)).toEqual([partitionKey(place(0)), partitionKey(place(1))])
  session.settle(partitionKey(place(0)))
  session.settle(partitionKey(place(1)))
  expect(keysOf(session)).toEqual([])
  expect(session.mark(partitionKey(place(1)))).toBe(true)
  expect(session.mark(partitionKey(place(9)))).toBe(false)
  expect(keysOf(session)).toEqual([partitionKey(place(1))])
})

test('a served partition goes to the end of the line', () => {
  const session = new LeaderSession(request(0, []))
  session.accept(request(0, [0, 1]))
  session.settle(partitionKey(place(0)))
  session.mark(partitionKey(place(0)))
  expect(keysOf(session)).toEqual([partitionKey(place(1)), partitionKey(place(0))])
})

test('a forgotten partition is looked at no more', () => {
  const session = new LeaderSession(request(0, []))
  session.accept(request(0, [0, 1]))
  session.accept({ ...request(1, []), forgotten: [place(0)] })
  expect(keysOf(session)).toEqual([partitionKey(place(1))])
})
