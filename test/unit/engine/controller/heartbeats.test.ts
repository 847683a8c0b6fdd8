import { expect, test } from 'vitest'
import { brokerEpoch, nodeId, offset } from '../../../../src/base/id.ts'
import { Heartbeats } from '../../../../src/engine/controller/heartbeats.ts'

const id = nodeId(1)
const old = { id, epoch: brokerEpoch(3) }
const now = { id, epoch: brokerEpoch(5) }

test('what an earlier life of a broker still sends changes nothing for the present one', () => {
  const heartbeats = new Heartbeats({ sessionMs: 3000 })
  heartbeats.hear(now, 0, offset(10))
  heartbeats.hear(old, 1000, offset(4))
  const release = heartbeats.hold(old, 1000)
  expect(heartbeats.silenceMs(now, 2000)).toBe(2000)
  expect(heartbeats.absenceMs(now, 2000)).toBe(2000)
  expect(heartbeats.appliedOffsetOf(id)).toBe(10)
  release(2500)
  expect(heartbeats.absenceMs(now, 3000)).toBe(3000)
})

test('a new life of a broker starts a session of its own', () => {
  const heartbeats = new Heartbeats({ sessionMs: 3000 })
  heartbeats.hear(old, 0, offset(10))
  heartbeats.hear(now, 1000)
  expect(heartbeats.silenceMs(now, 1500)).toBe(500)
  expect(heartbeats.appliedOffsetOf(id)).toBeUndefined()
})
