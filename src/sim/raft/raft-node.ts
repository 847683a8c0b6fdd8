/**
 * One simulated quorum node: the real core, and a driver that performs `Ready` in the order of
 * `engine/quorum`, one at a time, on a simulated disk. Steps happen at once; what they want done is
 * merged while an earlier one is being performed.
 */
import { present } from '../../base/assert.ts'
import { offset, type ClusterId, type Offset } from '../../base/id.ts'
import { type Random } from '../../base/random.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type QuorumFetchResponse, type ReplicaKey } from '../../core/api/quorum.ts'
import {
  type FetchedRun,
  type RaftEvent,
  type RaftRequest,
  type RaftResponse,
} from '../../core/raft/event.ts'
import { type RaftTimes } from '../../core/raft/quorum-state.ts'
import { Raft } from '../../core/raft/raft.ts'
import {
  mergeReady,
  nothingReady,
  type LogOperation,
  type RaftAnswer,
  type RaftSend,
  type Ready,
} from '../../core/raft/ready.ts'
import { type VoterSet } from '../../core/raft/voter-set.ts'
import { type EpochEntry } from '../../core/record/epoch-history.ts'
import { type RaftChecker, type WatchedNode } from './raft-checker.ts'
import { type RaftDisk, type SimBatch } from './raft-disk.ts'

/** A response as it travels: a fetch answer carries its batches. */
export type SimResponse = RaftAnswer & { readonly batches?: readonly SimBatch[] }

/** What a node needs of the world around it. */
export interface NodeWorld {
  readonly nowMs: () => number
  readonly checker: RaftChecker
  /** Runs work for this node later, unless it crashes before. */
  readonly later: (node: SimRaftNode, delayMs: number, work: () => void) => void
  /** How long the next write takes. */
  readonly syncMs: () => number
  readonly batchesPerFetchMax: () => number
  readonly post: (node: SimRaftNode, send: RaftSend) => void
  readonly reply: (node: SimRaftNode, incomingId: number, response: SimResponse) => void
  readonly nextBatchId: () => number
  readonly acknowledged: (batch: SimBatch) => void
}

/** How a node is made. */
export interface NodeMake {
  readonly key: ReplicaKey
  readonly clusterId: ClusterId
  readonly endpoint: Endpoint | undefined
  readonly isVoter: boolean
  readonly disk: RaftDisk
  readonly times: RaftTimes
  readonly random: Random
}

interface Proposal {
  readonly batch: SimBatch
  readonly epoch: number
}

/** One node, over its restarts. */
export class SimRaftNode implements WatchedNode {
  readonly key: ReplicaKey
  readonly isVoter: boolean
  readonly #world: NodeWorld
  readonly #make: NodeMake
  #raft: Raft | undefined
  #life = 0
  #ready: Ready = nothingReady
  #isPerforming = false
  #fetched = new Map<number, readonly SimBatch[]>()
  #toWrite = new Map<number, readonly SimBatch[]>()
  #proposalIds = new Map<number, number>()
  #proposals: Proposal[] = []
  #armedAtMs = Infinity
  #stalledUntilMs = 0

  constructor(make: NodeMake, world: NodeWorld) {
    this.#make = make
    this.#world = world
    this.key = make.key
    this.isVoter = make.isVoter
  }

  /** Counts its lives; odd or even says nothing. A message for another life is lost. */
  life(): number {
    return this.#life
  }

  isUp(): boolean {
    return this.#raft !== undefined
  }

  raft(): Raft | undefined {
    return this.#raft
  }

  disk(): RaftDisk {
    return this.#make.disk
  }

  log(): readonly SimBatch[] {
    return this.#make.disk.log()
  }

  durable(): readonly SimBatch[] {
    return this.#make.disk.durable()
  }

  stalledUntilMs(): number {
    return this.#stalledUntilMs
  }

  /** The process stands still until then; what is for it waits. */
  stall(untilMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs)
  }

  start(): void {
    const { key, clusterId, endpoint, disk, times, random } = this.#make
    const saved = disk.election()
    const mark = disk.mark()
    const log = disk.log()
    const voterSets = log.flatMap((batch) =>
      batch.voters === undefined ? [] : [{ offset: batch.baseOffset, voters: batch.voters }],
    )
    this.#life += 1
    this.#raft = new Raft(
      {
        clusterId,
        local: key,
        ...(endpoint && { localEndpoint: endpoint }),
        ...(saved && { saved }),
        log: {
          endOffset: log.at(-1)?.endOffset ?? offset(0),
          epochs: epochsOf(log),
          voterSets,
          ...(mark && { mark }),
        },
        times,
        random: random.fork(`life ${this.#life}`),
      },
      this.#world.nowMs(),
    )
    this.#world.checker.started(this, this.#raft.status())
    this.step({ type: 'tick' })
  }

  /** Power loss of this node. */
  crash(): void {
    this.#raft = undefined
    this.#ready = nothingReady
    this.#isPerforming = false
    this.#fetched = new Map()
    this.#toWrite = new Map()
    this.#stalledUntilMs = 0
    this.#proposals = []
    this.#proposalIds = new Map()
    this.#armedAtMs = Infinity
    this.#make.disk.crash(this.#make.random)
  }

  /** Does one event and starts performing what it wants. */
  step(event: RaftEvent): void {
    const raft = this.#raft
    if (raft === undefined) return
    const ready = raft.step(event, this.#world.nowMs())
    for (const operation of ready.log) this.#checkOperation(operation)
    this.#ready = mergeReady(this.#ready, ready)
    if (!this.#isPerforming) this.#perform()
    this.#world.checker.stepped(this, raft.status())
    this.#settleProposals(raft)
    this.#arm(raft)
  }

  /** Offers records to this node; false when it does not lead. */
  propose(recordCount: number): boolean {
    const status = this.#raft?.status()
    if (this.#raft === undefined || status?.role !== 'leader') return false
    this.#proposalIds.set(status.logEndOffset, this.#world.nextBatchId())
    this.step({ type: 'propose', epoch: status.leader.epoch, recordCount })
    return true
  }

  /** The answer to a request of this node arrives. */
  answered(requestId: number, response: SimResponse): void {
    if (response.api !== 'quorum-fetch') {
      this.step({ type: 'response', requestId, response })
      return
    }
    const batches = response.batches ?? []
    const run = runOf(batches)
    const answer: RaftResponse = { ...withoutRead(response), ...(run && { run }) }
    if (run !== undefined) this.#fetched.set(run.baseOffset, batches)
    this.step({ type: 'response', requestId, response: answer })
    this.#fetched = new Map()
  }

  #checkOperation(operation: LogOperation): void {
    if (operation.type === 'truncate') this.#world.checker.truncating(this, operation.endOffset)
    // The bytes of a fetch are at hand only now; they are written when it is this operation's turn.
    const batches = this.#fetched.get(
      operation.type === 'append-fetched' ? operation.baseOffset : -1,
    )
    if (batches !== undefined) this.#toWrite.set(operation.number, batches)
  }

  #perform(): void {
    const ready = this.#ready
    if (ready === nothingReady) return
    this.#ready = nothingReady
    this.#isPerforming = true
    if (ready.save === undefined) {
      this.#write(ready, 0)
      return
    }
    const { epoch } = ready.save
    this.#make.disk.beginSave(ready.save)
    this.#after(this.#world.syncMs() * 2, () => {
      this.#make.disk.endSave()
      this.#world.checker.told(this, epoch)
      this.#write(ready, 0)
    })
  }

  /** Log operations in order; a truncation is waited for, appends are not. */
  #write(ready: Ready, from: number): void {
    const operation = ready.log[from]
    if (operation === undefined) {
      this.#tell(ready)
      return
    }
    const { disk } = this.#make
    const { number } = operation
    if (operation.type === 'truncate') {
      disk.truncate(number, operation.endOffset)
      this.#after(this.#world.syncMs(), () => {
        disk.sync(number)
        this.step({ type: 'synced', number })
        this.#write(ready, from + 1)
      })
      return
    }
    const batches = this.#batchesOf(operation)
    disk.append(number, batches)
    this.#world.checker.appended(this, batches)
    this.#after(this.#world.syncMs(), () => {
      disk.sync(number)
      this.step({ type: 'synced', number })
    })
    this.#write(ready, from + 1)
  }

  #tell(ready: Ready): void {
    const { checker } = this.#world
    for (const answer of ready.answers) {
      checker.told(this, answer.leader.epoch)
      this.#world.reply(this, answer.requestId, this.#filled(answer))
    }
    for (const send of ready.sends) {
      this.#checkSend(send.request)
      this.#world.post(this, send)
    }
    this.#isPerforming = false
    this.#perform()
  }

  #checkSend(request: RaftRequest): void {
    if (request.api !== 'vote') return
    this.#world.checker.told(this, request.epoch)
    if (!request.isPreVote) {
      this.#world.checker.voted(this.key, request.epoch, this.key.nodeId)
    }
  }

  #filled(answer: RaftAnswer): SimResponse {
    if (answer.api !== 'quorum-fetch' || answer.read === undefined) return answer
    if (this.#raft?.leads(answer.leader.epoch) !== true) {
      return {
        api: 'quorum-fetch',
        requestId: answer.requestId,
        error: 'NOT_LEADER_OR_FOLLOWER',
        leader: { epoch: answer.leader.epoch },
        highWatermark: offset(0),
        logStartOffset: offset(0),
      }
    }
    const { from, upTo } = answer.read
    const first = this.log().findIndex((batch) => batch.endOffset > from)
    const batches = this.log()
      .slice(first, first + this.#world.batchesPerFetchMax())
      .filter((batch) => batch.endOffset <= upTo)
    return { ...answer, batches }
  }

  #batchesOf(operation: Exclude<LogOperation, { type: 'truncate' }>): readonly SimBatch[] {
    if (operation.type === 'append-fetched') {
      const batches = present(this.#toWrite.get(operation.number), 'the fetched batches')
      this.#toWrite.delete(operation.number)
      return batches
    }
    const { baseOffset, epoch } = operation
    const count = operation.type === 'append-proposal' ? operation.recordCount : 1
    const id = this.#proposalIds.get(baseOffset) ?? 0 - epoch
    const batch = chained(this.log().at(-1), {
      baseOffset,
      endOffset: offset(baseOffset + count),
      epoch,
      id,
    })
    if (operation.type === 'append-proposal') this.#proposals.push({ batch, epoch })
    this.#proposalIds.delete(baseOffset)
    return [batch]
  }

  /** As the driver answers proposals: committed when the high watermark passes them under the same leader. */
  #settleProposals(raft: Raft): void {
    if (this.#proposals.length === 0) return
    const { highWatermark } = raft.status()
    const open: Proposal[] = []
    for (const proposal of this.#proposals) {
      if (!raft.leads(proposal.batch.epoch)) continue
      if (proposal.batch.endOffset <= highWatermark) this.#world.acknowledged(proposal.batch)
      else open.push(proposal)
    }
    this.#proposals = open
  }

  #arm(raft: Raft): void {
    const dueAtMs = raft.nextDeadlineMs()
    if (dueAtMs >= this.#armedAtMs || dueAtMs === Infinity) return
    this.#armedAtMs = dueAtMs
    this.#after(Math.max(0.01, dueAtMs - this.#world.nowMs()), () => {
      if (this.#armedAtMs !== dueAtMs) return
      this.#armedAtMs = Infinity
      this.step({ type: 'tick' })
    })
  }

  #after(delayMs: number, work: () => void): void {
    this.#world.later(this, delayMs, work)
  }
}

/** A batch with the hash of its whole prefix. */
function chained(before: SimBatch | undefined, batch: Omit<SimBatch, 'chain'>): SimBatch {
  let chain = before?.chain ?? 0x811c9dc5
  for (const part of [batch.baseOffset, batch.endOffset, batch.epoch, batch.id]) {
    chain = Math.imul(chain ^ part, 0x01000193)
    chain ^= chain >>> 13
  }
  return { ...batch, chain }
}

/** The first batch of every voter: names the voters. */
export function bootstrapBatch(voters: VoterSet): SimBatch {
  return chained(undefined, {
    baseOffset: offset(0),
    endOffset: offset(1),
    epoch: 0 as SimBatch['epoch'],
    id: 0,
    voters,
  })
}

function epochsOf(batches: readonly SimBatch[]): readonly EpochEntry[] {
  const entries: EpochEntry[] = []
  for (const { epoch, baseOffset } of batches) {
    if (entries.at(-1)?.epoch !== epoch) entries.push({ epoch, startOffset: baseOffset })
  }
  return entries
}

function runOf(batches: readonly SimBatch[]): FetchedRun | undefined {
  const [first] = batches
  if (first === undefined) return undefined
  return {
    baseOffset: first.baseOffset,
    endOffset: batches.reduce<Offset>((_, batch) => batch.endOffset, first.endOffset),
    epochs: epochsOf(batches),
    voterSets: batches.flatMap((batch) =>
      batch.voters === undefined ? [] : [{ offset: batch.baseOffset, voters: batch.voters }],
    ),
  }
}

function withoutRead(
  response: Extract<SimResponse, { api: 'quorum-fetch' }>,
): Omit<QuorumFetchResponse, 'records'> & { readonly api: 'quorum-fetch' } {
  const { api, error, leader, highWatermark, logStartOffset, diverging } = response
  return {
    api,
    ...(error !== undefined && { error }),
    leader,
    highWatermark,
    logStartOffset,
    ...(diverging && { diverging }),
  }
}
