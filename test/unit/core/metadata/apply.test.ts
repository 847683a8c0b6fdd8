import { expect, test } from 'vitest'
import { Defect } from '../../../../src/base/assert.ts'
import {
  brokerEpoch,
  directoryId,
  epoch,
  incarnationId,
  nodeId,
  offset,
  partitionIndex,
  topicId,
} from '../../../../src/base/id.ts'
import { applyRecords } from '../../../../src/core/metadata/delta/apply.ts'
import { emptyDelta, mergeDeltas } from '../../../../src/core/metadata/delta/delta.ts'
import { emptyImage } from '../../../../src/core/metadata/image/empty.ts'
import { type MetadataImage } from '../../../../src/core/metadata/image/image.ts'
import { type MetadataRecord } from '../../../../src/core/metadata/records/record.ts'

const one = topicId('AAAAAAAAAAAAAAAAAAAAAA')
const two = topicId('BBBBBBBBBBBBBBBBBBBBBA')
const directory = directoryId('DDDDDDDDDDDDDDDDDDDDDA')

function partition(id: typeof one, index: number): MetadataRecord {
  return {
    type: 'partition',
    topicId: id,
    partition: partitionIndex(index),
    replicas: [nodeId(1), nodeId(2)],
    directories: [directory, directory],
    isr: [nodeId(1), nodeId(2)],
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    leader: nodeId(1),
  }
}

const registration: MetadataRecord = {
  type: 'register-broker',
  brokerId: nodeId(1),
  incarnationId: incarnationId('IIIIIIIIIIIIIIIIIIIIIA'),
  endpoints: [],
  features: [],
  directoryIds: [directory],
  uncleanLogs: [
    { topicId: one, partition: partitionIndex(1), reason: 'interval', endOffset: offset(5) },
  ],
}

function after(image: MetadataImage, ...records: readonly MetadataRecord[]): MetadataImage {
  return applyRecords(image, records, { offset: image.offset, epoch: epoch(3) }).image
}

const start = after(
  emptyImage,
  { type: 'topic', name: 'one', topicId: one },
  partition(one, 0),
  partition(one, 1),
  { type: 'topic', name: 'two', topicId: two },
  partition(two, 0),
)

test('an image stands behind the last record, in the epoch of its batch', () => {
  expect(start.offset).toBe(5)
  expect(start.epoch).toBe(3)
  const behindControl = applyRecords(start, [], { offset: offset(6), epoch: epoch(4) }).image
  expect(behindControl.offset).toBe(6)
  expect(behindControl.epoch).toBe(4)
})

test('what a batch does not touch is shared with the image before', () => {
  const change: MetadataRecord = {
    type: 'partition-change',
    topicId: one,
    partition: partitionIndex(1),
    isr: [nodeId(1)],
  }
  const { image, delta } = applyRecords(start, [change], { offset: start.offset, epoch: epoch(3) })
  expect(image.topics.get(two)).toBe(start.topics.get(two))
  expect(image.topics.get(one)?.partitions[0]).toBe(start.topics.get(one)?.partitions[0])
  expect(image.topics.get(one)?.partitions[1]?.isr).toEqual([1])
  expect(start.topics.get(one)?.partitions[1]?.isr).toEqual([1, 2])
  expect([...delta.topicIdsChanged]).toEqual([one])
})

test('every change raises the partition epoch, every word about the leader the leader epoch', () => {
  const place = { type: 'partition-change', topicId: one, partition: partitionIndex(0) } as const
  const image = after(
    start,
    { ...place, elr: [] },
    { ...place, leader: nodeId(1) },
    { ...place, isr: [], elr: [nodeId(2)], leader: 'none' },
  )
  const changed = image.topics.get(one)?.partitions[0]
  expect(changed?.partitionEpoch).toBe(3)
  expect(changed?.leaderEpoch).toBe(2)
  expect(changed).not.toHaveProperty('leader')
})

test('a broker epoch is the offset of its registration, and a change of another epoch is a defect', () => {
  const image = after(start, registration)
  expect(image.brokers.get(nodeId(1))).toMatchObject({ epoch: 5, isFenced: true, changeOffset: 5 })
  const change = {
    type: 'broker-registration-change',
    brokerId: nodeId(1),
    isFenced: false,
  } as const
  const unfenced = after(image, { ...change, brokerEpoch: brokerEpoch(5) })
  expect(unfenced.brokers.get(nodeId(1))).toMatchObject({ isFenced: false, changeOffset: 6 })
  expect(() => after(image, { ...change, brokerEpoch: brokerEpoch(4) })).toThrow(Defect)
})

test('a log is no longer unclean once its replica is in the ISR again', () => {
  const registered = after(start, registration)
  const place = { type: 'partition-change', topicId: one, partition: partitionIndex(1) } as const
  const out = after(registered, { ...place, isr: [nodeId(2)], leader: nodeId(2) })
  expect(out.brokers.get(nodeId(1))?.uncleanLogs).toHaveLength(1)
  const back = after(out, { ...place, isr: [nodeId(2), nodeId(1)] })
  expect(back.brokers.get(nodeId(1))?.uncleanLogs).toEqual([])
})

test('a removed topic takes its configs along, and its name is free again', () => {
  const config: MetadataRecord = { type: 'config', resource: 'topic/one', key: 'k', value: 'v' }
  const image = after(start, config, { type: 'remove-topic', topicId: one })
  expect(image.configs.size).toBe(0)
  expect(image.topicIds.has('one')).toBe(false)
  const again = after(image, { type: 'topic', name: 'one', topicId: topicId('C'.repeat(21) + 'A') })
  expect(again.topics.size).toBe(2)
})

test('equal configs are equal texts, whatever the order in which they were set', () => {
  const set = (key: string, value?: string): MetadataRecord => ({
    type: 'config',
    resource: 'cluster/',
    key,
    ...(value !== undefined && { value }),
  })
  const left = after(start, set('a', '1'), set('b', '2'), set('c', '3'), set('c'))
  const right = after(start, set('b', '2'), set('a', '0'), set('a', '1'))
  expect(JSON.stringify(left.configs.get('cluster/'))).toBe(
    JSON.stringify(right.configs.get('cluster/')),
  )
  expect(after(left, set('a'), set('b')).configs.has('cluster/')).toBe(false)
})

test('records that contradict the image are defects', () => {
  expect(() => after(start, { type: 'topic', name: 'one', topicId: two })).toThrow(Defect)
  expect(() => after(start, partition(one, 3))).toThrow(Defect)
  const place = { type: 'partition-change', topicId: one, partition: partitionIndex(0) } as const
  expect(() => after(start, { ...place, isr: [nodeId(2)] })).toThrow('a leader outside the ISR')
  expect(() => after(start, { ...place, elr: [nodeId(2)] })).toThrow('an ELR member in the ISR')
  expect(() => applyRecords(start, [], { offset: offset(2), epoch: epoch(3) })).toThrow(Defect)
})

test('merged deltas name a topic as removed only, and everything else that either changed', () => {
  const earlier = {
    ...emptyDelta,
    topicIdsChanged: new Set([one, two]),
    configsChanged: new Set(['a']),
  }
  const later = {
    ...emptyDelta,
    topicIdsRemoved: new Set([one]),
    brokersChanged: new Set([nodeId(1)]),
  }
  expect(mergeDeltas(earlier, later)).toEqual({
    topicIdsChanged: new Set([two]),
    topicIdsRemoved: new Set([one]),
    brokersChanged: new Set([1]),
    configsChanged: new Set(['a']),
    featuresChanged: new Set(),
  })
})
