/**
 * The little language of the raft conversations. One node is under test; the others are named by
 * their ids. Lines:
 *
 *   node ID voters N [log EPOCH:END ...] [saved EPOCH [voted ID]] [mark EPOCH:END]
 *   MS tick | MS synced | MS resign | MS halt | MS propose COUNT [epoch EPOCH]
 *   MS ask NUMBER vote|pre-vote from ID epoch E last EPOCH:END
 *   MS ask NUMBER begin from ID epoch E
 *   MS ask NUMBER end from ID epoch E successors ID,ID
 *   MS ask NUMBER fetch from ID epoch E at EPOCH:OFFSET hw OFFSET
 *   MS answer NUMBER vote granted|refused epoch E [leader ID]
 *   MS answer NUMBER fetch epoch E leader ID hw OFFSET [entries EPOCH:END] [diverging EPOCH:END] [error CODE]
 *   MS answer NUMBER done epoch E
 *   MS lost NUMBER | MS refused NUMBER
 *   status
 */
import { assert, present } from '../../src/base/assert.ts'
import { clusterId, directoryId, epoch, nodeId, offset } from '../../src/base/id.ts'
import { type Random } from '../../src/base/random.ts'
import { type ErrorCode } from '../../src/core/api/error-code.ts'
import { type ReplicaKey } from '../../src/core/api/quorum.ts'
import { type RaftEvent } from '../../src/core/raft/event.ts'
import { Raft } from '../../src/core/raft/raft.ts'
import {
  type LogOperation,
  type RaftAnswer,
  type RaftSend,
  type Ready,
} from '../../src/core/raft/ready.ts'
import { VoterSet } from '../../src/core/raft/voter-set.ts'

const cluster = clusterId('goldengoldengoldengold')

function keyOf(id: number): ReplicaKey {
  return { nodeId: nodeId(id), directoryId: directoryId(String(id).padStart(22, '0')) }
}

function pairOf(text: string): { readonly epoch: number; readonly at: number } {
  const [left, right] = text.split(':')
  return { epoch: Number(left), at: Number(right) }
}

/** Chance that always lies in the middle: every time in a conversation can be told in advance. */
const middle: Random = { next: () => 0.5, below: () => 0, chance: () => false, fork: () => middle }

/** One conversation. */
export class RaftScript {
  #raft: Raft | undefined
  #local = keyOf(1)
  #lastOperation = 0
  #end = 0

  /** Plays the lines of one block; comments and empty lines do nothing. */
  play(block: string): string {
    const lines = block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
    const out = lines.flatMap((line) => this.#line(line.split(/\s+/)))
    return out.length === 0 ? 'nothing' : out.join('\n')
  }

  #line(words: readonly string[]): readonly string[] {
    if (words[0] === 'node') return this.#start(words)
    const raft = present(this.#raft, 'the node; start with a node line')
    if (words[0] === 'status') {
      const { role, leader, logEndOffset, durableEndOffset, highWatermark } = raft.status()
      const led = leader.leaderId === undefined ? 'nobody' : `node ${leader.leaderId}`
      return [
        `${role} epoch ${leader.epoch} led by ${led}, log ${logEndOffset}, synced ${durableEndOffset}, committed ${highWatermark}`,
      ]
    }
    const event = this.#event(words.slice(1))
    return this.#show(raft.step(event, Number(words[0])))
  }

  #start(words: readonly string[]): readonly string[] {
    const count = Number(after(words, 'voters') ?? '3')
    const logText = between(words, 'log', ['saved', 'mark'])
    const ends = (logText.length > 0 ? logText : ['0:1']).map(pairOf)
    const saved = after(words, 'saved')
    const voted = after(words, 'voted')
    const mark = after(words, 'mark')
    const voters = new VoterSet(
      Array.from({ length: count }, (_, index) => ({
        ...keyOf(index + 1),
        endpoints: [{ listener: 'CONTROLLER', host: `node${index + 1}`, port: 7093 }],
      })),
    )
    this.#local = keyOf(Number(words[1]))
    this.#end = ends.at(-1)?.at ?? 0
    this.#raft = new Raft(
      {
        clusterId: cluster,
        local: this.#local,
        ...(saved !== undefined && {
          saved: {
            epoch: epoch(Number(saved)),
            ...(voted !== undefined && { votedFor: keyOf(Number(voted)) }),
          },
        }),
        log: {
          endOffset: offset(this.#end),
          epochs: ends.map((end, index) => ({
            epoch: epoch(end.epoch),
            startOffset: offset(ends[index - 1]?.at ?? 0),
          })),
          voterSets: [{ offset: offset(0), voters }],
          ...(mark !== undefined && {
            mark: { epoch: epoch(pairOf(mark).epoch), endOffset: offset(pairOf(mark).at) },
          }),
        },
        times: {
          fetchTimeoutMs: 1000,
          electionTimeoutMs: 500,
          fetchWaitMsMax: 300,
          retryMs: 50,
          fetchBytesMax: 1000,
        },
        random: middle,
      },
      0,
    )
    return []
  }

  #event(words: readonly string[]): RaftEvent {
    const number = Number(words[1])
    const local = present(this.#raft, 'the node')
    switch (words[0]) {
      case 'tick':
        return { type: 'tick' }
      case 'synced':
        return { type: 'synced', number: this.#lastOperation }
      case 'resign':
        return { type: 'resign' }
      case 'halt':
        return { type: 'halt' }
      case 'propose': {
        const asked = after(words, 'epoch')
        const own = asked === undefined ? local.status().leader.epoch : epoch(Number(asked))
        return { type: 'propose', epoch: own, recordCount: number }
      }
      case 'lost':
        return { type: 'no-answer', requestId: number, isRefused: false }
      case 'refused':
        return { type: 'no-answer', requestId: number, isRefused: true }
      case 'ask':
        return this.#ask(number, words)
      case 'answer':
        return this.#answer(number, words)
      default:
        throw new Error(`not a command: ${words.join(' ')}`)
    }
  }

  #ask(requestId: number, words: readonly string[]): RaftEvent {
    const from = keyOf(Number(after(words, 'from')))
    const asked = epoch(Number(after(words, 'epoch')))
    const common = { clusterId: cluster }
    const voter = this.#local
    switch (words[2]) {
      case 'vote':
      case 'pre-vote': {
        const last = pairOf(after(words, 'last') ?? '0:1')
        const request = {
          ...{ api: 'vote' as const, ...common, candidate: from, voter, epoch: asked },
          ...{ lastEpoch: epoch(last.epoch), lastOffset: offset(last.at) },
          isPreVote: words[2] === 'pre-vote',
        }
        return { type: 'request', requestId, request }
      }
      case 'begin': {
        const leader = { leaderId: from.nodeId, leaderEpoch: asked }
        return { type: 'request', requestId, request: { api: 'begin-quorum-epoch', ...common, voter, ...leader } } // prettier-ignore
      }
      case 'end': {
        const ids = (after(words, 'successors') ?? '').split(',').filter((id) => id !== '')
        const preferredSuccessors = ids.map((id) => keyOf(Number(id)))
        const leader = { leaderId: from.nodeId, leaderEpoch: asked }
        return { type: 'request', requestId, request: { api: 'end-quorum-epoch', ...common, ...leader, preferredSuccessors } } // prettier-ignore
      }
      default: {
        const at = pairOf(after(words, 'at') ?? '0:0')
        const request = {
          ...{ api: 'quorum-fetch' as const, ...common, replica: from, currentEpoch: asked },
          ...{ fetchOffset: offset(at.at), lastFetchedEpoch: epoch(at.epoch) },
          highWatermark: offset(Number(after(words, 'hw') ?? '0')),
          ...{ waitMsMax: 300, bytesMax: 1000 },
        }
        return { type: 'request', requestId, request }
      }
    }
  }

  #answer(requestId: number, words: readonly string[]): RaftEvent {
    const leaderId = after(words, 'leader')
    const leader = {
      epoch: epoch(Number(after(words, 'epoch'))),
      ...(leaderId !== undefined && { leaderId: nodeId(Number(leaderId)) }),
    }
    if (words[2] === 'vote') {
      const isGranted = words[3] === 'granted'
      return { type: 'response', requestId, response: { api: 'vote', leader, isGranted } }
    }
    if (words[2] === 'done') {
      return { type: 'response', requestId, response: { api: 'begin-quorum-epoch', leader } }
    }
    const entries = after(words, 'entries')
    const diverging = after(words, 'diverging')
    const error = after(words, 'error')
    const base = offset(this.#end)
    const run = entries === undefined ? undefined : pairOf(entries)
    return {
      type: 'response',
      requestId,
      response: {
        ...{ api: 'quorum-fetch', leader, logStartOffset: offset(0) },
        highWatermark: offset(Number(after(words, 'hw') ?? '0')),
        ...(isCode(error) && { error }),
        ...(diverging !== undefined && {
          diverging: {
            epoch: epoch(pairOf(diverging).epoch),
            endOffset: offset(pairOf(diverging).at),
          },
        }),
        ...(run !== undefined && {
          run: {
            ...{ baseOffset: base, endOffset: offset(run.at), voterSets: [] },
            epochs: [{ epoch: epoch(run.epoch), startOffset: base }],
          },
        }),
      },
    }
  }

  #show(ready: Ready): readonly string[] {
    const voted = ready.save?.votedFor === undefined ? '' : ` voted ${ready.save.votedFor.nodeId}`
    const save = ready.save === undefined ? [] : [`save epoch ${ready.save.epoch}${voted}`]
    const committed = ready.highWatermark === undefined ? [] : [`committed ${ready.highWatermark}`]
    return [
      ...save,
      ...ready.log.map((operation) => this.#showOperation(operation)),
      ...ready.answers.map(showAnswer),
      ...ready.sends.map(showSend),
      ...committed,
    ]
  }

  #showOperation(operation: LogOperation): string {
    this.#lastOperation = operation.number
    this.#end = present(this.#raft, 'the node').status().logEndOffset
    switch (operation.type) {
      case 'truncate':
        return `truncate to ${operation.endOffset}`
      case 'append-leader-change':
        return `append leader change of epoch ${operation.epoch} at ${operation.baseOffset}`
      case 'append-proposal':
        return `append ${operation.recordCount} proposed at ${operation.baseOffset} in epoch ${operation.epoch}`
      default:
        return `append fetched ${operation.baseOffset} to ${operation.endOffset}`
    }
  }
}

function showAnswer(answer: RaftAnswer): string {
  const { leaderId } = answer.leader
  const led = `epoch ${answer.leader.epoch}${leaderId === undefined ? '' : ` leader ${leaderId}`}`
  const error = answer.error === undefined ? '' : ` ${answer.error}`
  const head = `answer ${answer.requestId}${error}`
  if (answer.api === 'vote') return `${head} ${answer.isGranted ? 'granted' : 'refused'} ${led}`
  if (answer.api !== 'quorum-fetch') return `${head} ${led}`
  const { read, diverging } = answer
  const entries = read === undefined ? '' : ` entries ${read.from} to ${read.upTo}`
  const parts =
    diverging === undefined ? '' : ` diverging ${diverging.epoch}:${diverging.endOffset}`
  return `${head} ${led} hw ${answer.highWatermark}${entries}${parts}`
}

function showSend({ requestId, to, request }: RaftSend): string {
  const target = to.type === 'bootstrap' ? 'anybody' : `node ${to.nodeId}`
  const head = `send ${requestId} to ${target}:`
  switch (request.api) {
    case 'vote':
      return `${head} ${request.isPreVote ? 'pre-vote' : 'vote'} epoch ${request.epoch} last ${request.lastEpoch}:${request.lastOffset}`
    case 'begin-quorum-epoch':
      return `${head} begin epoch ${request.leaderEpoch}`
    case 'end-quorum-epoch': {
      const ids = request.preferredSuccessors.map((key) => key.nodeId)
      return `${head} end epoch ${request.leaderEpoch} successors ${ids.join(',')}`
    }
    default:
      return `${head} fetch epoch ${request.currentEpoch} at ${request.lastFetchedEpoch}:${request.fetchOffset} hw ${request.highWatermark}`
  }
}

function after(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name)
  return at < 0 ? undefined : words[at + 1]
}

function between(
  words: readonly string[],
  name: string,
  ends: readonly string[],
): readonly string[] {
  const from = words.indexOf(name)
  if (from < 0) return []
  const rest = words.slice(from + 1)
  const to = rest.findIndex((word) => ends.includes(word))
  return to < 0 ? rest : rest.slice(0, to)
}

function isCode(text: string | undefined): text is ErrorCode {
  assert(text !== '', 'an error needs its code')
  return text !== undefined
}
