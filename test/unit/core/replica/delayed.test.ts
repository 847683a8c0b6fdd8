import { expect, test } from 'vitest'
import { epoch, offset } from '../../../../src/base/id.ts'
import {
  appendVerdict,
  hasNewsForClient,
  lateAppendCode,
} from '../../../../src/core/replica/delayed.ts'
import { Stage } from './stage.ts'

function appended(): Stage {
  const stage = new Stage()
  stage.image()
  stage.append(10)
  return stage
}

const parked = { leaderEpoch: epoch(1), endOffset: offset(10) }

test('an append is done when the high watermark has passed it', () => {
  const stage = appended()
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 9)
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('wait')
  stage.acknowledge(3, 10)
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('done')
})

test('an append whose leader lost its role is unsure until the next leader says that it is committed', () => {
  const stage = appended()
  stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('unsure')
  stage.partition.leaderToldHighWatermark(offset(10))
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('done')
})

test('an append that was cut from the log is lost, whatever was written in its place', () => {
  const stage = appended()
  stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })
  stage.log.truncateTo(8)
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('lost')
  stage.log.append(5, 2)
  stage.partition.leaderToldHighWatermark(offset(13))
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('lost')
})

test('an append is done when its leader leads again and commits past it', () => {
  const stage = appended()
  stage.image({ leaderEpoch: 3, partitionEpoch: 3 })
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('unsure')
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  expect(appendVerdict(stage.partition, stage.log, parked)).toBe('done')
})

test('a late append names a shrunken ISR as the reason', () => {
  const stage = appended()
  expect(lateAppendCode(stage.partition)).toBe('REQUEST_TIMED_OUT')
  stage.image({ isr: [1], partitionEpoch: 2 })
  expect(lateAppendCode(stage.partition)).toBe('NOT_ENOUGH_REPLICAS_AFTER_APPEND')
})

test('a client’s fetch has news when more is committed or the leader is gone', () => {
  const stage = appended()
  expect(hasNewsForClient(stage.partition, offset(0))).toBe(false)
  stage.acknowledge(2, 10)
  stage.acknowledge(3, 10)
  expect(hasNewsForClient(stage.partition, offset(9))).toBe(true)
  expect(hasNewsForClient(stage.partition, offset(10))).toBe(false)
  stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })
  expect(hasNewsForClient(stage.partition, offset(10))).toBe(true)
})
