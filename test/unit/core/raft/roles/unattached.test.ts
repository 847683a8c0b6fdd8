import { expect, test } from 'vitest'
import { clusterId, directoryId, epoch, nodeId, offset } from '../../../../../src/base/id.ts'
import { ask, startNode, voteRequest } from '../quorum-under-test.ts'

test('a voter without a leader asks for pre-votes when its election time has come, not before', () => {
  const node = startNode(1)
  expect(node.step({ type: 'tick' }, 0).sends).toEqual([])
  expect(node.nextDeadlineMs()).toBe(125)
  const { sends, save } = node.step({ type: 'tick' }, 125)
  expect(sends.map((send) => 'isPreVote' in send.request && send.request.isPreVote)).toEqual([true, true]) // prettier-ignore
  expect(save).toBeUndefined()
})

test('an observer never stands, and asks again after a pause when nobody answers', () => {
  const observer = startNode(9)
  const first = observer.step({ type: 'tick' }, 0).sends
  expect(first.map((send) => send.to)).toEqual([{ type: 'bootstrap' }])
  observer.step({ type: 'no-answer', requestId: 1, isRefused: true }, 5)
  expect(observer.step({ type: 'tick' }, 49).sends).toEqual([])
  expect(observer.step({ type: 'tick' }, 50).sends).toHaveLength(1)
  observer.step({ type: 'tick' }, 60_000)
  expect(observer.status().role).toBe('unattached')
})

test('a request of another cluster, or for another voter, changes nothing', () => {
  const node = startNode(1)
  const asked = voteRequest({ from: 2, to: 1, epoch: 7, last: [0, 1] })
  const foreign = { ...asked, clusterId: clusterId('otherotherotherotherot') }
  expect(ask(node, foreign, 1)?.error).toBe('INCONSISTENT_CLUSTER_ID')
  const misled = voteRequest({ from: 2, to: 3, epoch: 7, last: [0, 1] })
  expect(ask(node, misled, 1)?.error).toBe('INCONSISTENT_VOTER_SET')
  expect(node.status().leader.epoch).toBe(0)
})

test('a wiped disk is another voter: it is asked in vain for the vote of the old one', () => {
  const wiped = startNode(1, {
    local: { nodeId: nodeId(1), directoryId: directoryId('BBBBBBBBBBBBBBBBBBBBBB') },
  })
  const answer = ask(wiped, voteRequest({ from: 2, to: 1, epoch: 1, last: [0, 1] }), 1)
  expect(answer?.error).toBe('INCONSISTENT_VOTER_SET')
  expect(wiped.status().isVoter).toBe(false)
})

test('an observer does not take on an epoch that has no leader', () => {
  const observer = startNode(9)
  observer.step({ type: 'tick' }, 0)
  const response = {
    api: 'quorum-fetch' as const,
    error: 'NOT_LEADER_OR_FOLLOWER' as const,
    leader: { epoch: epoch(6) },
    highWatermark: offset(0),
    logStartOffset: offset(0),
  }
  observer.step({ type: 'response', requestId: 1, response }, 5)
  expect(observer.status().leader.epoch).toBe(0)
})
