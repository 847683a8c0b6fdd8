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
  expect(appendVerdict(stage.partition, parked)).toBe('wait')
  stage.acknowledge(3, 10)
  expect(appendVerdict(stage.partition, parked)).toBe('done')
})

test('an append is lost from sight when its epoch ends here, even if this broker leads again', () => {
  const stage = appended()
  stage.image({ leader: 2, leaderEpoch: 2, partitionEpoch: 2 })
  expect(appendVerdict(stage.partition, parked)).toBe('lost')
  stage.image({ leader: 1, leaderEpoch: 3, partitionEpoch: 3 })
  expect(appendVerdict(stage.partition, parked)).toBe('lost')
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
