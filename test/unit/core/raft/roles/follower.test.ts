import { expect, test } from 'vitest'
import { epoch, nodeId, offset } from '../../../../../src/base/id.ts'
import { type FetchAnswer } from '../../../../../src/core/raft/event.ts'
import { ask, beginRequest, runOf, startNode, votersUpTo } from '../quorum-under-test.ts'

const endpoint = { listener: 'CONTROLLER', host: 'node1', port: 7093 }

function follower(id = 2): ReturnType<typeof startNode> {
  const node = startNode(id)
  ask(node, beginRequest({ from: 1, to: id, epoch: epoch(1) }), 0)
  return node
}

function answer(
  changes: Partial<FetchAnswer> = {},
): FetchAnswer & { readonly api: 'quorum-fetch' } {
  return {
    api: 'quorum-fetch',
    leader: { epoch: epoch(1), leaderId: nodeId(1) },
    highWatermark: offset(0),
    logStartOffset: offset(0),
    ...changes,
  }
}

test('one fetch is in flight, and the next goes out when what came is synced', () => {
  const node = follower()
  const came = node.step(
    { type: 'response', requestId: 1, response: answer({ run: runOf(1, 1, 5) }) },
    10,
  )
  expect(came.sends).toEqual([])
  expect(came.log).toMatchObject([{ type: 'append-fetched', baseOffset: 1, endOffset: 5 }])
  const { sends } = node.step({ type: 'synced', number: 1 }, 20)
  expect(sends.map((send) => send.request)).toMatchObject([{ fetchOffset: 5, lastFetchedEpoch: 1 }])
})

test('the high watermark is taken only as far as the log goes', () => {
  const node = follower()
  const response = answer({ run: runOf(1, 1, 5), highWatermark: offset(9) })
  expect(node.step({ type: 'response', requestId: 1, response }, 10).highWatermark).toBe(5)
})

test('a batch that does not continue the log is not appended', () => {
  const response = answer({ run: runOf(1, 3, 5) })
  expect(follower().step({ type: 'response', requestId: 1, response }, 10).log).toEqual([])
})

test('an answer to an earlier fetch is nothing', () => {
  const response = answer({ run: runOf(1, 1, 5) })
  expect(follower().step({ type: 'response', requestId: 77, response }, 10).log).toEqual([])
})

test('silence for the fetch timeout makes a voter stand and an observer look around', () => {
  const voter = follower()
  expect(voter.step({ type: 'tick' }, 1124).sends).toEqual([])
  voter.step({ type: 'tick' }, 1125)
  expect(voter.status().role).toBe('prospective')
  const observer = startNode(9)
  observer.step({ type: 'tick' }, 0)
  const hint = answer({ error: 'NOT_LEADER_OR_FOLLOWER' })
  observer.step({ type: 'response', requestId: 1, response: hint }, 1)
  expect(observer.status()).toMatchObject({ role: 'follower', leader: { leaderId: 1 } })
  const { sends } = observer.step({ type: 'tick' }, 1126)
  expect(sends.map((send) => send.to)).toEqual([{ type: 'bootstrap' }])
})

test('each answered fetch is a sign of life', () => {
  const node = follower()
  node.step({ type: 'response', requestId: 1, response: answer() }, 1000)
  node.step({ type: 'tick' }, 2124)
  expect(node.status().role).toBe('follower')
})

test('a leader that says that it leads no more is not waited for', () => {
  const node = follower()
  const response = answer({ error: 'NOT_LEADER_OR_FOLLOWER', leader: { epoch: epoch(1) } })
  node.step({ type: 'response', requestId: 1, response }, 10)
  expect(node.status().role).toBe('unattached')
  expect(node.nextDeadlineMs()).toBeLessThan(10 + 500)
})

test('a voter set takes effect when it is appended and goes with a truncation', () => {
  const observer = startNode(2, { log: { endOffset: offset(0), epochs: [], voterSets: [] } })
  observer.step({ type: 'tick' }, 0)
  const leader = { epoch: epoch(1), leaderId: nodeId(1), leaderEndpoint: endpoint }
  observer.step({ type: 'response', requestId: 1, response: answer({ leader }) }, 1)
  const voterSets = [{ offset: offset(0), voters: votersUpTo(3) }]
  const run = { ...runOf(0, 0, 1), voterSets }
  observer.step({ type: 'response', requestId: 2, response: answer({ leader, run }) }, 2)
  expect(observer.status().isVoter).toBe(true)
  observer.step({ type: 'synced', number: 1 }, 3)
  const diverging = { epoch: epoch(0), endOffset: offset(0) }
  observer.step({ type: 'response', requestId: 3, response: answer({ leader, diverging }) }, 4)
  expect(observer.status()).toMatchObject({ isVoter: false, logEndOffset: 0 })
})
