import { expect, test } from 'vitest'
import { brokerEpoch, epoch, nodeId, offset } from '../../../../src/base/id.ts'
import {
  checkReplicaFetch,
  planTruncation,
  type FetchVerdict,
} from '../../../../src/core/replica/fetch-check.ts'
import { firstLife, NumberLog, positionOf, Stage } from './stage.ts'

/** Broker 1 leads epoch 7; its log holds epoch 3 from 0, epoch 5 from 100, and ends at 150. */
function leading(): Stage {
  const stage = new Stage()
  stage.log.append(100, 3)
  stage.log.append(50, 5)
  stage.log.flush()
  stage.image({ leaderEpoch: 7 })
  return stage
}

function check(stage: Stage, given: Parameters<typeof positionOf>[0], from = 2): FetchVerdict {
  return checkReplicaFetch(stage.partition, stage.log, {
    position: positionOf({ leaderEpoch: 7, ...given }),
    fetcher: { replicaId: nodeId(from), brokerEpoch: firstLife(from) },
  })
}

test('a follower whose log is a prefix is served', () => {
  const stage = leading()
  expect(check(stage, { fetchOffset: 150, lastFetchedEpoch: 5 })).toEqual({ type: 'serve' })
  expect(check(stage, { fetchOffset: 60, lastFetchedEpoch: 3 })).toEqual({ type: 'serve' })
  expect(check(stage, { fetchOffset: 0 })).toEqual({ type: 'serve' })
})

test('a follower with an epoch that the leader never had is told the closest smaller one', () => {
  expect(check(leading(), { fetchOffset: 170, lastFetchedEpoch: 6 })).toEqual({
    type: 'diverging',
    epoch: 5,
    endOffset: 150,
  })
})

test('a follower with more of an epoch than the leader is told where that epoch ends', () => {
  expect(check(leading(), { fetchOffset: 120, lastFetchedEpoch: 3 })).toEqual({
    type: 'diverging',
    epoch: 3,
    endOffset: 100,
  })
})

test('a follower all of whose epochs are older than the leader’s starts at the leader’s start', () => {
  expect(check(leading(), { fetchOffset: 20, lastFetchedEpoch: 1 })).toEqual({
    type: 'diverging',
    epoch: 1,
    endOffset: 0,
  })
})

test('a position outside the log is out of range', () => {
  const stage = new Stage()
  stage.log.restartAt(40)
  stage.image({ leaderEpoch: 7 })
  const refused = { type: 'refuse', code: 'OFFSET_OUT_OF_RANGE' }
  expect(check(stage, { fetchOffset: 39, lastFetchedEpoch: 2 })).toMatchObject(refused)
  expect(check(stage, { fetchOffset: 41 })).toMatchObject(refused)
  expect(check(stage, { fetchOffset: 40, lastFetchedEpoch: 2 })).toEqual({ type: 'serve' })
})

test('an older leader epoch is fenced, a newer one is kept until the image arrives', () => {
  const stage = leading()
  expect(check(stage, { leaderEpoch: 6 })).toMatchObject({ code: 'FENCED_LEADER_EPOCH' })
  expect(check(stage, { leaderEpoch: 8 })).toEqual({ type: 'later' })
})

test('a broker that is no replica yet is kept until the image arrives', () => {
  expect(check(leading(), { fetchOffset: 0 }, 9)).toEqual({ type: 'later' })
})

test('a former life of a follower is refused', () => {
  const stage = leading()
  stage.acknowledge(2, 150, brokerEpoch(500))
  expect(check(stage, { fetchOffset: 150, lastFetchedEpoch: 5 })).toMatchObject({
    code: 'FENCED_REPLICA',
  })
})

test('a broker that does not lead serves no follower', () => {
  const stage = new Stage(2)
  stage.image({ leaderEpoch: 7 })
  expect(check(stage, {}, 3)).toMatchObject({ code: 'NOT_LEADER_OR_FOLLOWER' })
})

test('a follower cuts to the smaller end of the epoch that both know', () => {
  const log = new NumberLog()
  log.append(80, 3)
  log.append(40, 4)
  expect(planTruncation(log, { epoch: epoch(3), endOffset: offset(100) })).toBe(80)
  expect(planTruncation(log, { epoch: epoch(3), endOffset: offset(60) })).toBe(60)
  expect(planTruncation(log, { epoch: epoch(5), endOffset: offset(100) })).toBe(100)
  expect(planTruncation(log, { epoch: epoch(2), endOffset: offset(50) })).toBe(0)
})

test('the walk back over several epochs ends where both logs agree', () => {
  const stage = leading()
  const log = new NumberLog()
  log.append(90, 3)
  log.append(30, 4)
  log.append(30, 6)
  for (let step = 0; step < 5; step++) {
    const lastFetchedEpoch = log.lastEpoch()
    const verdict = check(stage, {
      fetchOffset: log.endOffset(),
      ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch }),
    })
    if (verdict.type !== 'diverging') break
    log.truncateTo(planTruncation(log, verdict))
  }
  expect(log.endOffset()).toBe(90)
})
