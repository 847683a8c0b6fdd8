import { expect, test } from 'vitest'
import { epoch } from '../../../../../src/base/id.ts'
import { ask, beginRequest, startNode, voteRequest } from '../quorum-under-test.ts'

function refusal(of: number): {
  api: 'vote'
  leader: { epoch: ReturnType<typeof epoch> }
  isGranted: false
} {
  return { api: 'vote', leader: { epoch: epoch(of) }, isGranted: false }
}

test('a lost pre-vote leaves the epoch alone and is tried again after a pause', () => {
  const node = startNode(1)
  node.step({ type: 'tick' }, 125)
  node.step({ type: 'response', requestId: 1, response: refusal(0) }, 130)
  expect(node.status().role).toBe('prospective')
  node.step({ type: 'response', requestId: 2, response: refusal(0) }, 131)
  expect(node.status()).toMatchObject({ role: 'unattached', leader: { epoch: 0 } })
  expect(node.nextDeadlineMs()).toBe(131 + 50 + 125)
})

test('a voter that only lost touch with its leader follows it again when the others do', () => {
  const node = startNode(2)
  ask(node, beginRequest({ from: 1, to: 2, epoch: epoch(1) }), 0)
  node.step({ type: 'tick' }, 1125)
  expect(node.status().role).toBe('prospective')
  node.step({ type: 'response', requestId: 2, response: refusal(1) }, 1130)
  node.step({ type: 'response', requestId: 3, response: refusal(1) }, 1131)
  expect(node.status()).toMatchObject({ role: 'follower', leader: { leaderId: 1, epoch: 1 } })
})

test('a prospective node gives its vote to another candidate', () => {
  const node = startNode(1)
  node.step({ type: 'tick' }, 125)
  const answer = ask(node, voteRequest({ from: 3, to: 1, epoch: 1, last: [0, 1] }), 126)
  expect(answer).toMatchObject({ isGranted: true })
  expect(node.status().role).toBe('unattached')
})

test('a voter that does not answer is asked again after a pause', () => {
  const node = startNode(1)
  node.step({ type: 'tick' }, 125)
  node.step({ type: 'no-answer', requestId: 2, isRefused: true }, 130)
  expect(node.step({ type: 'tick' }, 179).sends).toEqual([])
  expect(node.step({ type: 'tick' }, 180).sends).toHaveLength(1)
})
