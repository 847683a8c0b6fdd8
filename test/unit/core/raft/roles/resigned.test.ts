import { expect, test } from 'vitest'
import { epoch } from '../../../../../src/base/id.ts'
import { ask, elect, fetchRequest, startNode, voteRequest } from '../quorum-under-test.ts'

function resigned(): ReturnType<typeof startNode> {
  const node = startNode(1)
  elect(node)
  node.step({ type: 'resign' }, 200)
  return node
}

test('who has resigned tells every voter, and is done when all have answered or are lost', () => {
  const node = resigned()
  expect(node.isResigning()).toBe(true)
  const response = { api: 'end-quorum-epoch' as const, leader: { epoch: epoch(1) } }
  node.step({ type: 'response', requestId: 7, response }, 201)
  expect(node.isResigning()).toBe(true)
  node.step({ type: 'no-answer', requestId: 8, isRefused: true }, 202)
  expect(node.isResigning()).toBe(false)
})

test('it answers fetches of its epoch with no leader, and appends nothing', () => {
  const node = resigned()
  expect(ask(node, fetchRequest({ from: 2, at: 2, epoch: 1 }), 201)).toMatchObject({
    error: 'NOT_LEADER_OR_FOLLOWER',
    leader: { epoch: 1 },
  })
  expect(node.step({ type: 'propose', epoch: epoch(1), recordCount: 1 }, 202).log).toEqual([])
})

test('it grants pre-votes, and a vote in a higher epoch only', () => {
  const node = resigned()
  const asked = { from: 2, to: 1, last: [1, 2] } as const
  expect(ask(node, voteRequest({ ...asked, epoch: 1, isPreVote: true }), 201)).toMatchObject({ isGranted: true }) // prettier-ignore
  expect(ask(node, voteRequest({ ...asked, epoch: 1 }), 202)).toMatchObject({ isGranted: false })
  expect(ask(node, voteRequest({ ...asked, epoch: 2 }), 203)).toMatchObject({ isGranted: true })
})

test('it stands again only after the others had their time', () => {
  const node = resigned()
  node.step({ type: 'tick' }, 1449)
  expect(node.status().role).toBe('resigned')
  node.step({ type: 'tick' }, 1450)
  expect(node.status().role).toBe('prospective')
})
