import { expect, test } from 'vitest'
import { brokerEpoch, nodeId, offset } from '../../../../src/base/id.ts'
import { present } from '../../../../src/base/assert.ts'
import { factsOf, firstLife, registered, Stage } from './stage.ts'

function leading(isr: readonly number[] = [1, 2, 3]): Stage {
  const stage = new Stage()
  stage.image({ isr })
  return stage
}

test('the high watermark is the smallest durable end over the ISR', () => {
  const stage = leading()
  stage.append(10)
  stage.acknowledge(2, 10)
  expect(stage.partition.highWatermark()).toBe(0)
  stage.acknowledge(3, 4)
  expect(stage.partition.highWatermark()).toBe(4)
  stage.acknowledge(3, 10)
  expect(stage.partition.highWatermark()).toBe(10)
})

test('the leader’s own disk counts as well', () => {
  const stage = leading()
  stage.append(10, { isDurable: false })
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  expect(stage.partition.highWatermark()).toBe(0)
  stage.log.flush()
  expect(stage.leader().advance()).toBe(true)
  expect(stage.partition.highWatermark()).toBe(10)
})

test('a member of the ISR that has said nothing in this epoch holds the high watermark', () => {
  const stage = leading()
  stage.append(10)
  stage.acknowledge(2, 10)
  expect(stage.partition.highWatermark()).toBe(0)
})

test('the high watermark stands still while the committed ISR is below min.insync.replicas', () => {
  const stage = leading([1])
  stage.append(10)
  expect(stage.leader().hasEnoughInSync()).toBe(false)
  expect(stage.partition.highWatermark()).toBe(0)
  stage.acknowledge(2, 10)
  stage.image({ isr: [1, 2], partitionEpoch: 2 })
  expect(stage.partition.highWatermark()).toBe(10)
})

test('the high watermark never goes back, not even when a slower replica joins', () => {
  const stage = leading([1, 2])
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.image({ isr: [1, 2, 3], partitionEpoch: 2 })
  stage.acknowledge(3, 5)
  expect(stage.partition.highWatermark()).toBe(10)
})

test('a replica that is asked into the ISR counts before the controller has answered', () => {
  const stage = leading([1, 2])
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  expect(stage.wishes()).toEqual([1, 2, 3])
  stage.append(5)
  stage.acknowledge(2, 15)
  expect(stage.partition.highWatermark()).toBe(10)
  stage.acknowledge(3, 15)
  expect(stage.partition.highWatermark()).toBe(15)
})

test('a member that is asked out of the ISR counts until the image shows that it is out', () => {
  const stage = leading()
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.leader().suspect(nodeId(3))
  expect(stage.wishes()).toEqual([1, 2])
  expect(stage.partition.highWatermark()).toBe(0)
  stage.image({ isr: [1, 2], partitionEpoch: 2 })
  expect(stage.partition.highWatermark()).toBe(10)
})

test('a refused change counts no more, and may be asked for again', () => {
  const stage = leading([1, 2])
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  stage.wishes()
  stage.append(5)
  stage.acknowledge(2, 15)
  stage.leader().proposalRefused(present(stage.leader().proposal(), 'what was asked for'))
  expect(stage.partition.highWatermark()).toBe(15)
  expect(stage.leader().maximalIsr()).toEqual([1, 2])
})

test('only one change of the ISR is under way at a time', () => {
  const stage = leading([1])
  stage.append(10)
  stage.acknowledge(2, 10)
  expect(stage.wishes()).toEqual([1, 2])
  stage.acknowledge(3, 10)
  expect(stage.wishes()).toBeUndefined()
})

test('a replica joins only when its durable end reaches the high watermark', () => {
  const stage = leading([1, 2])
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 9)
  expect(stage.wishes()).toBeUndefined()
  stage.acknowledge(3, 10)
  expect(stage.wishes()).toEqual([1, 2, 3])
})

test('a replica joins only when its durable end reaches the start of the leader’s epoch', () => {
  const stage = new Stage()
  stage.log.append(10, 1)
  stage.log.flush()
  stage.image({ isr: [1], leaderEpoch: 2 })
  stage.acknowledge(2, 9)
  expect(stage.partition.highWatermark()).toBe(0)
  expect(stage.wishes()).toBeUndefined()
  stage.acknowledge(2, 10)
  expect(stage.wishes()).toEqual([1, 2])
})

test('no fenced broker and no other life of it is asked into the ISR', () => {
  const stage = leading([1, 2])
  stage.acknowledge(2, 0)
  stage.acknowledge(3, 0)
  stage.facts.set(nodeId(3), factsOf(3, { isActive: false }))
  expect(stage.wishes()).toBeUndefined()
  stage.facts.set(nodeId(3), factsOf(3, { epoch: brokerEpoch(999) }))
  expect(stage.wishes()).toBeUndefined()
})

test('no replica whose directory is offline is asked into the ISR, and it keeps nobody else out', () => {
  const stage = leading([1])
  stage.acknowledge(2, 0)
  stage.acknowledge(3, 0)
  stage.facts.set(nodeId(2), factsOf(2, { directoryIds: [] }))
  expect(stage.wishes()).toEqual([1, 3])
})

test('a follower that lags is not asked in again while the high watermark stands still', () => {
  const stage = leading([1])
  stage.acknowledge(2, 0)
  stage.append(10)
  stage.nowMs = 10_001
  expect(stage.wishes()).toBeUndefined()
})

test('a follower’s new life starts without a durable offset', () => {
  const stage = leading()
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 8)
  stage.leader().brokerRegistered(nodeId(3), brokerEpoch(500), stage.nowMs)
  expect(stage.leader().follower(nodeId(3))?.durableOffset).toBeUndefined()
  stage.append(5)
  stage.acknowledge(2, 15)
  expect(stage.partition.highWatermark()).toBe(8)
  expect(stage.leader().isStale(nodeId(3), firstLife(3))).toBe(true)
  stage.acknowledge(3, 15, brokerEpoch(500))
  expect(stage.partition.highWatermark()).toBe(15)
})

test('a fetch of a newer life that the image does not have yet drops what the older said', () => {
  const stage = leading()
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 5)
  stage.acknowledge(3, 2, brokerEpoch(500))
  expect(stage.leader().follower(nodeId(3))?.durableOffset).toBe(2)
})

test('a follower that lags for replica.lag.time.max.ms is asked out', () => {
  const stage = leading()
  stage.acknowledge(2, 0)
  stage.acknowledge(3, 0)
  stage.nowMs = 5_000
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.nowMs = 15_000
  expect(stage.wishes()).toBeUndefined()
  stage.nowMs = 15_001
  expect(stage.wishes()).toEqual([1, 2])
})

test('a follower that always has what the leader had one fetch ago stays', () => {
  const stage = leading([1, 2])
  for (let round = 1; round <= 30; round++) {
    stage.nowMs += 1_000
    stage.append(10)
    stage.acknowledge(2, 10 * (round - 1))
    expect(stage.wishes()).toBeUndefined()
  }
})

test('a follower of an idle partition stays however long it is silent', () => {
  const stage = leading([1, 2])
  stage.append(10)
  stage.acknowledge(2, 10)
  stage.nowMs = 1_000_000
  expect(stage.wishes()).toBeUndefined()
})

test('a suspect that fetches again is none', () => {
  const stage = leading([1, 2])
  stage.leader().suspect(nodeId(2))
  stage.acknowledge(2, 0)
  expect(stage.wishes()).toBeUndefined()
})

test('a proposal names each member in the broker epoch whose fetches were seen', () => {
  const stage = leading([1, 2])
  stage.acknowledge(2, 0, brokerEpoch(700))
  stage.acknowledge(3, 0)
  stage.wishes()
  expect(stage.leader().proposal()?.newIsr).toEqual([
    { brokerId: 1, brokerEpoch: firstLife(1) },
    { brokerId: 2, brokerEpoch: 700 },
    { brokerId: 3, brokerEpoch: firstLife(3) },
  ])
})

test('a replica that left the assignment is forgotten', () => {
  const stage = leading([1, 2])
  stage.image({ replicas: [1, 2], isr: [1, 2], partitionEpoch: 2 })
  expect(stage.leader().follower(nodeId(3))).toBeUndefined()
  expect(registered({ replicas: [1, 2] }).isr).toEqual([1, 2])
  expect(stage.leader().highWatermark()).toBe(offset(0))
})
