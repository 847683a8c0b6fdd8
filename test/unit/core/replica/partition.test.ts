import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import { Defect } from '../../../../src/base/assert.ts'
import { Stage } from './stage.ts'

test('a partition leads, follows or idles as the image says', () => {
  const stage = new Stage()
  expect(stage.image({ leader: 1 })).toBe(true)
  expect(stage.partition.leader()).toBeDefined()
  expect(stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })).toBe(true)
  expect(stage.partition.following()).toEqual({ leaderId: 2, leaderEpoch: 2 })
  expect(stage.image({ leader: 'none', leaderEpoch: 3, partitionEpoch: 3 })).toBe(true)
  expect(stage.partition.following()).toBeUndefined()
  expect(stage.partition.leader()).toBeUndefined()
})

test('a change of the ISR alone is no change of role', () => {
  const stage = new Stage()
  stage.image()
  expect(stage.image({ isr: [1, 2], partitionEpoch: 2 })).toBe(false)
  const follower = new Stage(2)
  follower.image()
  expect(follower.image({ isr: [1, 2], partitionEpoch: 2 })).toBe(false)
})

test('an incarnation does not lead an epoch that an earlier one was given', () => {
  const stage = new Stage()
  stage.image({ leaderEpoch: 5 }, { mayLead: false })
  expect(stage.partition.leader()).toBeUndefined()
  stage.image({ leaderEpoch: 5, partitionEpoch: 2 }, { mayLead: true })
  expect(stage.partition.leader()).toBeUndefined()
  stage.image({ leaderEpoch: 6, partitionEpoch: 3 }, { mayLead: true })
  expect(stage.partition.leader()).toBeDefined()
})

test('a failed write ends leadership until a higher epoch', () => {
  const stage = new Stage()
  stage.image({ leaderEpoch: 5 })
  expect(stage.partition.storageFailed()).toBe(true)
  expect(stage.partition.storageFailed()).toBe(false)
  stage.image({ leaderEpoch: 5, isr: [1, 2], partitionEpoch: 2 })
  expect(stage.partition.leader()).toBeUndefined()
  stage.image({ leaderEpoch: 6, partitionEpoch: 3 })
  expect(stage.partition.leader()).toBeDefined()
})

test('a new leader epoch of the same leader starts without the followers’ durable offsets', () => {
  const stage = new Stage()
  stage.image()
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  stage.image({ leaderEpoch: 2, partitionEpoch: 2 })
  stage.append(5)
  stage.acknowledge(2, 15)
  expect(stage.partition.highWatermark()).toBe(10)
  expect(stage.leader().epochStartOffset).toBe(10)
})

test('a leader keeps its high watermark when it becomes a follower and leads again', () => {
  const stage = new Stage()
  stage.image()
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })
  expect(stage.partition.highWatermark()).toBe(10)
  stage.image({ leader: 1, leaderEpoch: 3, partitionEpoch: 3 })
  expect(stage.partition.highWatermark()).toBe(10)
})

test('a follower’s high watermark is the leader’s, but never beyond its own end', () => {
  const stage = new Stage(2)
  stage.image()
  stage.log.append(5, 1)
  expect(stage.partition.leaderToldHighWatermark(offset(8))).toBe(true)
  expect(stage.partition.highWatermark()).toBe(5)
  expect(stage.partition.leaderToldHighWatermark(offset(3))).toBe(false)
  expect(stage.partition.highWatermark()).toBe(5)
})

test('a truncation brings the high watermark into the log', () => {
  const stage = new Stage(2)
  stage.image()
  stage.log.append(5, 1)
  stage.partition.leaderToldHighWatermark(offset(5))
  stage.log.truncateTo(3)
  stage.partition.truncated()
  expect(stage.partition.highWatermark()).toBe(3)
})

test('a full truncation raises the high watermark to the new start', () => {
  const stage = new Stage(2)
  stage.image()
  stage.log.restartAt(40)
  stage.partition.truncated()
  expect(stage.partition.highWatermark()).toBe(40)
})

test('a client with another leader epoch is told which of the two is old', () => {
  const stage = new Stage()
  stage.image({ leaderEpoch: 5 })
  expect(stage.partition.checkEpoch(epoch(4))).toBe('FENCED_LEADER_EPOCH')
  expect(stage.partition.checkEpoch(epoch(6))).toBe('UNKNOWN_LEADER_EPOCH')
  expect(stage.partition.checkEpoch(epoch(5))).toBe('right')
  expect(stage.partition.checkEpoch(undefined)).toBe('right')
  stage.image({ leader: 2, leaderEpoch: 6, partitionEpoch: 2 })
  expect(stage.partition.checkEpoch(undefined)).toBe('NOT_LEADER_OR_FOLLOWER')
})

test('metadata that goes back is a defect', () => {
  const stage = new Stage()
  stage.image({ leaderEpoch: 5, partitionEpoch: 5 })
  expect(() => stage.image({ leaderEpoch: 4, partitionEpoch: 6 })).toThrow(Defect)
})
