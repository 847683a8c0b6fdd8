import { expect, test } from 'vitest'
import { epoch } from '../../../../../src/base/id.ts'
import { ask, elect, fetchRequest, key, startNode, voteRequest } from '../quorum-under-test.ts'

function leader(voterCount = 3): ReturnType<typeof startNode> {
  const node = startNode(1, { voterCount })
  elect(node)
  expect(node.status().role).toBe('leader')
  return node
}

test('nothing commits before an entry of the own epoch is on a majority', () => {
  const node = leader()
  ask(node, fetchRequest({ from: 2, at: 1, epoch: 1, lastEpoch: 0 }), 200)
  expect(node.status().highWatermark).toBe(0)
  expect(node.activeSince()).toBeUndefined()
  ask(node, fetchRequest({ from: 2, at: 2, epoch: 1 }), 201)
  expect(node.status().highWatermark).toBe(2)
  expect(node.activeSince()).toEqual({ epoch: 1, offset: 2 })
})

test('an own entry counts only when it is synced', () => {
  const node = leader()
  node.step({ type: 'propose', epoch: epoch(1), recordCount: 3 }, 200)
  ask(node, fetchRequest({ from: 2, at: 5, epoch: 1 }), 201)
  expect(node.status().highWatermark).toBe(2)
  node.step({ type: 'synced', number: 2 }, 202)
  expect(node.status().highWatermark).toBe(5)
})

test('a proposal under another epoch is not appended', () => {
  expect(leader().step({ type: 'propose', epoch: epoch(2), recordCount: 1 }, 200).log).toEqual([])
})

test('an observer fetches but its position commits nothing', () => {
  const node = leader()
  ask(node, fetchRequest({ from: 9, at: 2, epoch: 1 }), 200)
  expect(node.status().highWatermark).toBe(0)
  expect(node.describe(210)?.observers).toEqual([
    { ...key(9), logEndOffset: 2, lagMs: 10, lastFetchMs: 10 },
  ])
})

test('a parked fetch is answered by a higher high watermark than its own', () => {
  const node = leader()
  ask(node, fetchRequest({ from: 9, at: 2, epoch: 1 }), 200)
  const request = fetchRequest({ from: 2, at: 2, epoch: 1, highWatermark: 2 })
  const { answers } = node.step({ type: 'request', requestId: 5, request }, 201)
  expect(answers).toMatchObject([{ requestId: 1, highWatermark: 2 }])
})

test('a fetch of an older or a newer epoch is refused', () => {
  const node = leader()
  expect(ask(node, fetchRequest({ from: 2, at: 1, epoch: 0 }), 200)).toMatchObject({
    error: 'FENCED_LEADER_EPOCH',
    leader: { epoch: 1, leaderId: 1 },
  })
  expect(ask(node, fetchRequest({ from: 2, at: 1, epoch: 2 }), 200)?.error).toBe(
    'UNKNOWN_LEADER_EPOCH',
  )
})

test('a fetch that does not fit the log is told where both still agree', () => {
  const answer = ask(leader(), fetchRequest({ from: 2, at: 9, epoch: 1 }), 200)
  expect(answer).toMatchObject({ diverging: { epoch: 1, endOffset: 2 } })
})

test('with five voters the fetches of two others keep the leader in office', () => {
  const node = leader(5)
  const second = fetchRequest({ from: 2, at: 1, epoch: 1, lastEpoch: 0 })
  node.step({ type: 'request', requestId: 1, request: second }, 1000)
  node.step({ type: 'tick' }, 1626)
  expect(node.status().role).toBe('leader')
  node.step({ type: 'tick' }, 1627)
  expect(node.status().role).toBe('resigned')
})

test('a single voter is never without its majority', () => {
  const node = startNode(1, { voterCount: 1 })
  node.step({ type: 'tick' }, 0)
  expect(node.nextDeadlineMs()).toBe(Infinity)
})

test('a leader makes itself known again to a voter that does not fetch', () => {
  const node = leader()
  node.step({ type: 'no-answer', requestId: 5, isRefused: true }, 200)
  ask(node, fetchRequest({ from: 3, at: 2, epoch: 1 }), 200)
  expect(node.step({ type: 'tick' }, 450).sends.map((send) => send.to)).toMatchObject([{ nodeId: 2 }]) // prettier-ignore
})

test('a vote for a higher epoch ends the term, and whoever waits is told', () => {
  const node = leader()
  ask(node, fetchRequest({ from: 3, at: 2, epoch: 1 }), 200)
  node.step({ type: 'request', requestId: 7, request: fetchRequest({ from: 2, at: 2, epoch: 1, highWatermark: 2 }) }, 201) // prettier-ignore
  const request = voteRequest({ from: 3, to: 1, epoch: 2, last: [1, 2] })
  const { answers, save } = node.step({ type: 'request', requestId: 8, request }, 202)
  expect(save).toEqual({ epoch: 2, votedFor: key(3) })
  expect(answers).toMatchObject([
    { requestId: 8, isGranted: true },
    { requestId: 7, error: 'NOT_LEADER_OR_FOLLOWER' },
  ])
})
