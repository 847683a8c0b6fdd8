import { expect, test } from 'vitest'
import { epoch } from '../../../../../src/base/id.ts'
import { ask, beginRequest, key, startNode, voteRequest } from '../quorum-under-test.ts'

function candidate(): ReturnType<typeof startNode> {
  const node = startNode(1)
  node.step({ type: 'tick' }, 125)
  const response = { api: 'vote' as const, leader: { epoch: epoch(0) }, isGranted: true }
  const { save } = node.step({ type: 'response', requestId: 1, response }, 126)
  expect(save).toMatchObject({ epoch: 1, votedFor: key(1) })
  return node
}

test('a candidate refuses its vote to another of the same epoch', () => {
  const answer = ask(candidate(), voteRequest({ from: 2, to: 1, epoch: 1, last: [0, 9] }), 130)
  expect(answer).toMatchObject({ isGranted: false })
})

test('a candidate follows whoever won its epoch', () => {
  const node = candidate()
  ask(node, beginRequest({ from: 2, to: 1, epoch: epoch(1) }), 130)
  expect(node.status()).toMatchObject({ role: 'follower', leader: { leaderId: 2 } })
})

test('a candidate that was refused by all tries again soon, with a pre-vote and in its epoch', () => {
  const node = candidate()
  const response = { api: 'vote' as const, leader: { epoch: epoch(1) }, isGranted: false }
  node.step({ type: 'response', requestId: 3, response }, 130)
  node.step({ type: 'response', requestId: 4, response }, 131)
  expect(node.nextDeadlineMs()).toBe(131 + 125)
  const { sends } = node.step({ type: 'tick' }, 256)
  expect(sends.map((send) => send.request)).toMatchObject([
    { isPreVote: true, epoch: 1 },
    { isPreVote: true, epoch: 1 },
  ])
})

test('a grant that was meant for the pre-vote is no vote', () => {
  const node = candidate()
  const response = { api: 'vote' as const, leader: { epoch: epoch(0) }, isGranted: true }
  node.step({ type: 'response', requestId: 2, response }, 130)
  expect(node.status().role).toBe('candidate')
})
