/**
 * Watches a simulated quorum from above and knows what no node may: every log, what is durable, who
 * won. The rules are R1 to R9 and R12 of the raft core; each is looked at when the thing happens that
 * could break it, so that a seed costs little.
 */
import { type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type ReplicaKey } from '../../core/api/quorum.ts'
import { type RaftStatus } from '../../core/raft/raft.ts'
import { type Violation } from '../checker/history.ts'
import { type SimBatch } from './raft-disk.ts'

/** A node as the checker sees it. */
export interface WatchedNode {
  readonly key: ReplicaKey
  readonly isVoter: boolean
  /** The log as its process sees it. */
  readonly log: () => readonly SimBatch[]
  /** What a power loss would leave. */
  readonly durable: () => readonly SimBatch[]
}

interface Life {
  status: RaftStatus | undefined
  /** Highest epoch that left the node, in any life. */
  epochTold: number
  /** How far its state machine has applied. */
  applied: number
}

const violationsMax = 5

/** The judge of one run. */
export class RaftChecker {
  readonly violations: Violation[] = []
  #nodes: readonly WatchedNode[] = []
  readonly #lives = new Map<NodeId, Life>()
  readonly #leaders = new Map<Epoch, NodeId>()
  readonly #votes = new Map<string, NodeId>()
  /** Hash of the whole prefix by `epoch:endOffset`. */
  readonly #prefixes = new Map<string, number>()
  /** What is committed, in order; the same for everybody. */
  readonly #committed: SimBatch[] = []
  /** Committed batches whose copy a broken disk has lost: it had held them. */
  readonly #excused = new Map<number, number>()
  #highestActiveEpoch = -1

  /** Once, before the first of them starts. */
  watch(nodes: readonly WatchedNode[]): void {
    this.#nodes = nodes
    for (const node of nodes) {
      this.#lives.set(node.key.nodeId, { status: undefined, epochTold: 0, applied: 0 })
    }
  }

  /** End of what is committed. */
  committedEnd(): number {
    return this.#committed.at(-1)?.endOffset ?? 0
  }

  /** A process starts; its volatile state is gone, its epoch must not be. */
  started(node: WatchedNode, status: RaftStatus): void {
    const life = this.#lifeOf(node)
    if (status.leader.epoch < life.epochTold) {
      this.#broken(
        'R2',
        `node ${node.key.nodeId} told epoch ${life.epochTold} and restarts with ${status.leader.epoch}`,
      )
    }
    life.status = undefined
    life.applied = 0
    this.stepped(node, status)
  }

  /** A node did one event. */
  stepped(node: WatchedNode, status: RaftStatus): void {
    const life = this.#lifeOf(node)
    const before = life.status
    life.status = status
    const id = node.key.nodeId
    const { epoch } = status.leader
    if (before !== undefined && epoch < before.leader.epoch) {
      this.#broken('R2', `node ${id} went from epoch ${before.leader.epoch} to ${epoch}`)
    }
    if (status.role === 'leader') {
      const isNew = before?.role !== 'leader' || before.leader.epoch !== epoch
      if (isNew) this.#elected(node, epoch)
    }
    if (before !== undefined && status.highWatermark < before.highWatermark) {
      this.#broken('R4', `node ${id}: ${before.highWatermark} back to ${status.highWatermark}`)
    }
    if (status.role === 'leader' && status.highWatermark > (before?.highWatermark ?? 0)) {
      this.#leaderCommits(node, status, before)
    }
    if (status.highWatermark > life.applied) this.#applies(node, life, status.highWatermark)
  }

  /** A message leaves a node, or its election state is saved: that epoch counts as told from now on, over restarts too. */
  told(node: WatchedNode, epoch: Epoch): void {
    const life = this.#lifeOf(node)
    life.epochTold = Math.max(life.epochTold, epoch)
  }

  /** A vote leaves a voter: by answer, or as a candidate's own. */
  voted(voter: ReplicaKey, epoch: Epoch, candidate: NodeId): void {
    const name = `${voter.nodeId}/${voter.directoryId}/${epoch}`
    const earlier = this.#votes.get(name)
    if (earlier !== undefined && earlier !== candidate) {
      this.#broken('R3', `node ${voter.nodeId} voted for ${earlier} and ${candidate} in ${epoch}`)
    }
    this.#votes.set(name, candidate)
  }

  /** Batches were appended to a node's log. */
  appended(node: WatchedNode, batches: readonly SimBatch[]): void {
    for (const batch of batches) {
      const name = `${batch.epoch}:${batch.endOffset}`
      const known = this.#prefixes.get(name)
      if (known !== undefined && known !== batch.chain) {
        this.#broken('R6', `node ${node.key.nodeId} has another prefix up to ${name}`)
      }
      this.#prefixes.set(name, batch.chain)
    }
  }

  /** A node is about to cut its log; committed batches must not go. */
  truncating(node: WatchedNode, endOffset: Offset): void {
    const known = this.#lifeOf(node).status?.highWatermark ?? 0
    if (endOffset < known) {
      this.#broken('R8', `node ${node.key.nodeId} cuts to ${endOffset}, committed ${known}`)
    }
    const lost = this.#committed.find((batch) => batch.endOffset > endOffset)
    if (lost === undefined) return
    const own = node.log().find((batch) => batch.baseOffset === lost.baseOffset)
    if (own?.chain === lost.chain) {
      this.#broken(
        'R8',
        `node ${node.key.nodeId} cuts to ${endOffset} below committed ${lost.endOffset}`,
      )
    }
  }

  /** A disk broke and lost synced batches: what it held counts as held, for those were acknowledged in good faith. */
  excuse(node: WatchedNode): void {
    for (const batch of node.durable()) {
      this.#excused.set(batch.chain, (this.#excused.get(batch.chain) ?? 0) + 1)
    }
  }

  /** At the end, all healed: everybody has the same log, all of it committed. */
  finished(statuses: readonly { readonly node: WatchedNode; readonly status: RaftStatus }[]): void {
    const leader = statuses.find((one) => one.status.role === 'leader')
    if (leader === undefined) {
      this.#broken('liveness', 'healed, and nobody leads')
      return
    }
    const chain = leader.node.log().at(-1)?.chain
    for (const { node, status } of statuses) {
      const isSame =
        status.highWatermark === leader.status.logEndOffset && node.log().at(-1)?.chain === chain
      if (isSame && status.leader.epoch === leader.status.leader.epoch) continue
      this.#broken(
        'liveness',
        `healed, node ${node.key.nodeId} is ${status.role} at epoch ${status.leader.epoch}, ` +
          `committed ${status.highWatermark} of ${leader.status.logEndOffset}`,
      )
    }
  }

  /** Everything that was acknowledged to a client is committed, as it was. */
  keeps(acknowledged: readonly SimBatch[]): void {
    const chains = new Set(this.#committed.map((batch) => batch.chain))
    const lost = acknowledged.find((batch) => !chains.has(batch.chain))
    if (lost !== undefined) this.#broken('R7', `acknowledged offset ${lost.baseOffset} is gone`)
  }

  /** A rule that only the world can see broken. */
  broken(rule: string, message: string): void {
    this.#broken(rule, message)
  }

  #elected(node: WatchedNode, epoch: Epoch): void {
    const id = node.key.nodeId
    const other = this.#leaders.get(epoch)
    // A sole voter wins before its vote is saved; if it crashes then, nobody ever heard of that epoch.
    const isUnheard = other === id && this.#lifeOf(node).epochTold < epoch
    if (other !== undefined && !isUnheard) {
      this.#broken('R1', `${other} and ${id} lead epoch ${epoch}`)
    }
    this.#leaders.set(epoch, id)
    const last = this.#committed.at(-1)
    // An older leader that is still unaware may be elected late in virtual time, but never completely behind.
    if (last === undefined || epoch < this.#highestActiveEpoch) return
    const own = node.log().find((batch) => batch.endOffset === last.endOffset)
    if (own?.chain !== last.chain) {
      this.#broken('R7', `leader ${id} of epoch ${epoch} lacks committed offset ${last.endOffset}`)
    }
  }

  #leaderCommits(node: WatchedNode, status: RaftStatus, before: RaftStatus | undefined): void {
    const { epoch } = status.leader
    const wasLeader = before?.role === 'leader' && before.leader.epoch === epoch
    const lastBatch = node.log().find((batch) => batch.endOffset === status.highWatermark)
    if (lastBatch === undefined) {
      this.#broken(
        'R9',
        `leader ${node.key.nodeId} commits inside a batch at ${status.highWatermark}`,
      )
    } else if (lastBatch.epoch !== epoch && wasLeader) {
      this.#broken('R9', `leader of ${epoch} commits an entry of ${lastBatch.epoch} by itself`)
    }
    this.#highestActiveEpoch = Math.max(this.#highestActiveEpoch, epoch)
  }

  /** The node's state machine takes all up to its high watermark: the same for everybody (R12), held by a majority (R5). */
  #applies(node: WatchedNode, life: Life, highWatermark: number): void {
    const log = node.log()
    const from = log.findIndex((batch) => batch.endOffset > life.applied)
    for (const batch of from < 0 ? [] : log.slice(from)) {
      if (batch.endOffset > highWatermark) break
      this.#applyOne(node, batch)
      life.applied = batch.endOffset
    }
  }

  #applyOne(node: WatchedNode, batch: SimBatch): void {
    const end = this.committedEnd()
    if (batch.baseOffset >= end) {
      if (batch.baseOffset > end) this.#broken('R12', `a gap before ${batch.baseOffset}`)
      this.#mustBeHeld(batch)
      this.#committed.push(batch)
      return
    }
    const known = this.#committed.find((one) => one.endOffset === batch.endOffset)
    if (known?.chain !== batch.chain) {
      this.#broken('R12', `node ${node.key.nodeId} applies another batch at ${batch.baseOffset}`)
    }
  }

  #mustBeHeld(batch: SimBatch): void {
    const voters = this.#nodes.filter((node) => node.isVoter)
    const holders = voters.filter((voter) =>
      voter.durable().some((own) => own.endOffset === batch.endOffset && own.chain === batch.chain),
    )
    const count = holders.length + (this.#excused.get(batch.chain) ?? 0)
    if (count * 2 <= voters.length) {
      this.#broken(
        'R5',
        `offset ${batch.baseOffset} is committed with ${count} synced copies of ${voters.length}`,
      )
    }
  }

  #lifeOf(node: WatchedNode): Life {
    const life = this.#lives.get(node.key.nodeId)
    if (life === undefined) throw new Error(`node ${node.key.nodeId} is not watched`)
    return life
  }

  #broken(rule: string, message: string): void {
    if (this.violations.length < violationsMax) this.violations.push({ rule, message })
  }
}
