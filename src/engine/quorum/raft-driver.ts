/**
 * The quorum node of this process: gives the core its events, performs what it returns, and serves
 * the controller, the metadata loader and other quorum nodes. Every event is stepped at once, in one
 * synchronous run; what the steps want done is merged while an earlier `Ready` is being performed,
 * so that one flush serves all that came meanwhile.
 *
 * Invariants:
 * - Nothing leaves the node before the election state that it depends on is durable.
 * - `highWatermark()` moves only after the log operations that came with it were begun: below it the
 *   log never changes.
 * - After a storage fault nothing is written, voted, led or acknowledged in this life.
 */
import { assert } from '../../base/assert.ts'
import {
  offset,
  type ClusterId,
  type DirectoryId,
  type Epoch,
  type NodeId,
  type Offset,
} from '../../base/id.ts'
import { seededRandom } from '../../base/random.ts'
import { type Apis } from '../../core/api/apis.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type DescribeQuorumResponse } from '../../core/api/quorum.ts'
import { type Settings } from '../../core/config/settings.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { type RaftEvent } from '../../core/raft/event.ts'
import { type RaftStart } from '../../core/raft/quorum-state.ts'
import { Raft } from '../../core/raft/raft.ts'
import { mergeReady, nothingReady, type RaftSend, type Ready } from '../../core/raft/ready.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { Bell } from '../runtime/bell.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { Mailbox } from '../runtime/mailbox.ts'
import { type ElectionStore } from '../storage/election-store.ts'
import { type LogQuery, type LogRead, type PartitionLog } from '../storage/partition-log.ts'
import { readVoterSets } from './fetched-run.ts'
import { IncomingRequests } from './incoming-requests.ts'
import { ProposalLedger, type Proposed } from './proposal-ledger.ts'
import { QuorumChannels, type QuorumRefusal } from './quorum-channels.ts'
import { ReadyPerformer } from './ready-performer.ts'
import { Wakeup } from './wakeup.ts'

/** Operations that a quorum node answers. */
export type QuorumApi =
  'vote' | 'begin-quorum-epoch' | 'end-quorum-epoch' | 'quorum-fetch' | 'describe-quorum'

/** What a quorum node is opened with. */
export interface OpenQuorum {
  readonly ports: Ports
  readonly identity: {
    readonly clusterId: ClusterId
    readonly nodeId: NodeId
    readonly directoryId: DirectoryId
  }
  readonly log: PartitionLog
  readonly election: ElectionStore
  readonly settings: Settings
  /** Where this node's controller listener is reached; absent without the role controller. */
  readonly controllerListener: Endpoint | undefined
  /** Told once when this node takes part no more: its store failed, or a defect was found. */
  readonly onFailure?: (cause: unknown) => void
}

/** Who leads, as this node knows now. */
export interface Leadership {
  readonly epoch: Epoch
  readonly leaderId?: NodeId
  readonly leaderEndpoint?: Endpoint
  readonly isLeader: boolean
}

type Handlers = {
  readonly [A in QuorumApi]: (request: Apis[A]['request']) => Promise<Outcome<Apis[A]['response']>>
}

const fetchBytesMax = 1024 * 1024
const committedBytesMax = 1024 * 1024
const retryMs = 50
const readyCountMax = 100_000

/** Takes part in the metadata quorum: as a voter when the voter set names this node and directory, else as an observer. */
export class Quorum {
  /** Rings after each change of `leadership()` and of `activeSince()`. */
  readonly leadershipChanged = new Bell()
  readonly #options: OpenQuorum
  readonly #raft: Raft
  readonly #lifecycle: Lifecycle
  readonly #channels: QuorumChannels
  readonly #performer: ReadyPerformer
  readonly #mailbox: Mailbox<Ready>
  readonly #wakeup: Wakeup
  readonly #proposals = new ProposalLedger()
  readonly #committed = new Bell()
  readonly #stepped = new Bell()
  readonly #incoming: IncomingRequests
  readonly #handlers: Handlers
  #savedEpoch: Epoch
  #highWatermark = offset(0)
  #shown = ''
  #refusal: QuorumRefusal | undefined
  #failure: { readonly cause: unknown } | undefined

  private constructor(options: OpenQuorum, start: RaftStart) {
    const { clock, telemetry, transport } = options.ports
    this.#options = options
    this.#lifecycle = new Lifecycle(telemetry, (_, cause) => {
      this.#fail(cause)
    })
    this.#raft = new Raft(start, clock.nowMs())
    this.#savedEpoch = this.#raft.status().leader.epoch
    this.#channels = new QuorumChannels({
      transport,
      telemetry,
      clusterId: options.identity.clusterId,
      clientId: `quorum-${options.identity.nodeId}`,
      bootstrapServers: options.settings['controller.quorum.bootstrap.servers'],
      requestTimeoutMs: options.settings['controller.quorum.request.timeout.ms'],
      clock,
      nodeId: options.identity.nodeId,
      isVoter: () => this.#raft.status().isVoter,
      onRefused: (refusal) => {
        this.#refusal = refusal
        this.leadershipChanged.ring()
      },
    })
    this.#performer = new ReadyPerformer({
      ...{ clock, election: options.election, log: options.log, lifecycle: this.#lifecycle },
      onSynced: (number) => {
        this.#step({ type: 'synced', number })
      },
      onFault: (cause) => {
        this.#fail(cause)
      },
      onAnswer: (answer) => {
        this.#incoming.answer(answer)
      },
      onSend: (send) => {
        this.#lifecycle.spawn('quorum-request', async (signal) => this.#send(send, signal))
      },
    })
    this.#mailbox = new Mailbox({
      countMax: readyCountMax,
      perform: async (readies) => this.#perform(readies.reduce(mergeReady, nothingReady)),
    })
    this.#wakeup = new Wakeup(clock, () => {
      this.#step({ type: 'tick' })
    })
    this.#incoming = new IncomingRequests({
      step: (requestId, request) => {
        this.#step({ type: 'request', requestId, request })
      },
      leads: (epoch) => this.#raft.leads(epoch),
      read: async (query) => this.#read(query),
    })
    this.#handlers = {
      ...this.#incoming.handlers(),
      'describe-quorum': async () => Promise.resolve(this.#describe()),
    }
  }

  /** Starts taking part. Rejects with `StorageFault('corrupt')` for a sole voter that has lost what it answered for. */
  static async open(options: OpenQuorum): Promise<Quorum> {
    const { identity, log, election, settings, controllerListener, ports } = options
    const saved = election.load()
    const mark = log.markedEnd()
    const voterSets = await readVoterSets(log)
    const { nodeId, directoryId } = identity
    const quorum = new Quorum(options, {
      clusterId: identity.clusterId,
      local: { nodeId, directoryId },
      ...(controllerListener && { localEndpoint: controllerListener }),
      ...(saved && { saved }),
      log: {
        endOffset: log.endOffset(),
        epochs: log.epochs().entries(),
        voterSets,
        ...(mark && { mark }),
      },
      times: {
        fetchTimeoutMs: settings['controller.quorum.fetch.timeout.ms'],
        electionTimeoutMs: settings['controller.quorum.election.timeout.ms'],
        fetchWaitMsMax: settings['controller.quorum.fetch.max.wait.ms'],
        retryMs,
        fetchBytesMax,
      },
      random: seededRandom(ports.entropy.uuid()),
    })
    quorum.#checkStart(voterSets.at(-1)?.voters.voters.length ?? 0)
    quorum.#step({ type: 'tick' })
    return quorum
  }

  /** Answers a request of another quorum node. */
  async handle<A extends QuorumApi>(
    api: A,
    request: Apis[A]['request'],
  ): Promise<Outcome<Apis[A]['response']>> {
    return this.#handlers[api](request)
  }

  /** Who leads. What is not saved yet is not told: after a crash it would never have been. */
  leadership(): Leadership {
    const { leader } = this.#raft.status()
    if (leader.epoch > this.#savedEpoch) return { epoch: this.#savedEpoch, isLeader: false }
    return { ...leader, isLeader: this.#raft.leads(leader.epoch) }
  }

  /**
   * Set while this node leads and its own LeaderChange is committed: the epoch, and the offset behind
   * that LeaderChange. An image at that offset holds everything that earlier epochs committed.
   */
  activeSince(): { readonly epoch: Epoch; readonly offset: Offset } | undefined {
    return this.#raft.activeSince()
  }

  /** Everything below it is committed, and in this node's log. */
  highWatermark(): Offset {
    return this.#highWatermark
  }

  /** Why this node takes part no more, once its store has failed. */
  failure(): { readonly cause: unknown } | undefined {
    return this.#failure
  }

  /**
   * Appends records (encoded values) as one atomic batch under `epoch`. Undefined: refused, because
   * this node does not lead that epoch or too much is uncommitted; nothing happened.
   */
  propose(batch: {
    readonly epoch: Epoch
    readonly records: readonly Uint8Array[]
  }): Proposed | undefined {
    const { epoch, records } = batch
    if (!this.#raft.leads(epoch) || records.length === 0 || !this.#proposals.hasRoom()) {
      return undefined
    }
    const baseOffset = this.#raft.status().logEndOffset
    const timestampMs = this.#options.ports.clock.wallMs()
    const plain = records.map((value) => ({ value, timestampMs }))
    const bytes = encodeBatch({ records: plain, baseOffset, leaderEpoch: epoch })
    const endOffset = offset(baseOffset + records.length)
    const committed = this.#proposals.add({ epoch, endOffset, bytes: bytes.length })
    this.#step({ type: 'propose', epoch, recordCount: records.length }, [bytes])
    return { baseOffset, committed }
  }

  /** Committed batches from `after` on, control batches included; waits until there are some, or gives none when `signal` aborts. */
  async nextCommitted(after: Offset, signal: AbortSignal): Promise<readonly Uint8Array[]> {
    const came = await this.#committed.until(() => this.#highWatermark > after, { signal })
    if (!came) return []
    const query = { from: after, upTo: this.#highWatermark, bytesMax: committedBytesMax }
    const { slices } = await this.#options.log.read(query)
    return slices
  }

  /** Why the quorum that was found is none for this node, as last heard; `leadershipChanged` rings with it. */
  refusal(): QuorumRefusal | undefined {
    return this.#refusal
  }

  /** Gives up leadership, naming successors; resolves when the voters have heard of it, or do not answer. */
  async resign(): Promise<void> {
    const { clock } = this.#options.ports
    const ms = this.#options.settings['controller.quorum.request.timeout.ms']
    this.#step({ type: 'resign' })
    await this.#stepped.until(() => !this.#raft.isResigning(), {
      timeout: { clock, ms },
      signal: this.#lifecycle.signal,
    })
  }

  /** Stops at once. A second call does nothing. */
  async close(): Promise<void> {
    this.#wakeup.close()
    this.#proposals.abandon()
    this.#incoming.close()
    await Promise.all([this.#lifecycle.close(), this.#channels.close()])
    this.leadershipChanged.ring()
  }

  #checkStart(voterCount: number): void {
    const { nodeId } = this.#options.identity
    const { isVoter } = this.#raft.status()
    if (isVoter && this.#raft.isShortOfMark()) {
      const what = 'the metadata log is shorter than what this node answered for'
      if (voterCount === 1) {
        throw new StorageFault('corrupt', `Node ${nodeId}: ${what}, and nobody else has it.`)
      }
      this.#options.ports.telemetry.log('warn', 'quorum-short-of-mark', { nodeId })
    }
    if (this.#options.controllerListener !== undefined && !isVoter && voterCount > 0) {
      this.#options.ports.telemetry.log('warn', 'quorum-not-a-voter', { nodeId })
    }
  }

  /** The one place where the core moves: synchronous, and everything that follows from it is queued in order. */
  #step(event: RaftEvent, pieces: readonly Uint8Array[] = []): void {
    if (this.#lifecycle.isClosing) return
    const ready = this.#stepCore(event)
    for (const operation of ready.log) {
      const hasBytes = operation.type === 'append-proposal' || operation.type === 'append-fetched'
      if (hasBytes) this.#performer.keep(operation.number, pieces)
    }
    if (ready !== nothingReady) {
      const isQueued = this.#mailbox.post(ready)
      assert(isQueued || this.#failure !== undefined, 'the quorum has more to do than it can hold')
    }
    this.#settle()
    this.#wakeup.at(this.#raft.nextDeadlineMs())
    this.#stepped.ring()
  }

  /** A core that found itself wrong decides nothing more. */
  #stepCore(event: RaftEvent): Ready {
    try {
      return this.#raft.step(event, this.#options.ports.clock.nowMs())
    } catch (cause) {
      this.#fail(cause)
      throw cause
    }
  }

  async #perform(ready: Ready): Promise<void> {
    try {
      await this.#performer.perform(ready)
    } catch (cause) {
      if (!(cause instanceof StorageFault)) {
        this.#fail(cause)
        throw cause
      }
      this.#fail(cause)
      return
    }
    if (this.#failure !== undefined) return
    if (ready.save !== undefined) this.#savedEpoch = ready.save.epoch
    if (ready.highWatermark !== undefined && ready.highWatermark > this.#highWatermark) {
      this.#highWatermark = ready.highWatermark
      this.#committed.ring()
    }
    this.#settle()
  }

  /** Tells whoever waits for leadership or for a proposal what became of it. */
  #settle(): void {
    const active = this.#raft.activeSince()
    this.#proposals.settle(this.#raft.status().highWatermark, (epoch) => this.#raft.leads(epoch))
    const { epoch, leaderId, isLeader, leaderEndpoint } = this.leadership()
    const where = `${leaderEndpoint?.host ?? ''}:${leaderEndpoint?.port ?? ''}`
    const shown = `${epoch} ${leaderId ?? ''} ${isLeader} ${active?.epoch ?? ''} ${where}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.#options.ports.telemetry.log('info', 'quorum-leadership', {
      nodeId: this.#options.identity.nodeId,
      ...{ epoch, leaderId, role: this.#raft.status().role, isActive: active !== undefined },
    })
    this.leadershipChanged.ring()
  }

  /** The store is never trusted again in this life: what it did with the last write is unknown. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { cause }
    this.#performer.stopWriting()
    this.#options.ports.telemetry.log('error', 'quorum-stopped', {
      nodeId: this.#options.identity.nodeId,
      cause,
    })
    this.#step({ type: 'halt' })
    this.#proposals.abandon()
    // Their answers may have been behind the write that failed.
    this.#incoming.abandon()
    this.#options.onFailure?.(cause)
  }

  async #send(send: RaftSend, signal: AbortSignal): Promise<void> {
    const { requestId } = send
    const reception = await this.#channels.request(send, signal)
    if (reception.type === 'none') {
      this.#step({ type: 'no-answer', requestId, isRefused: reception.isRefused })
    } else {
      const { response, pieces } = reception
      this.#step({ type: 'response', requestId, response }, pieces)
    }
  }

  async #read(query: LogQuery): Promise<LogRead | undefined> {
    try {
      return await this.#options.log.read(query)
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      this.#fail(cause)
      return undefined
    }
  }

  #describe(): Outcome<DescribeQuorumResponse> {
    const described = this.#raft.describe(this.#options.ports.clock.nowMs())
    const { leader, highWatermark } = this.#raft.status()
    if (described === undefined) {
      const known =
        leader.leaderId === undefined ? 'nobody is known to' : `node ${leader.leaderId} does`
      return refuse('NOT_CONTROLLER', `This node does not lead the quorum; ${known}.`)
    }
    const leaderId = this.#options.identity.nodeId
    return { ok: true, value: { leaderId, epoch: leader.epoch, highWatermark, ...described } }
  }
}
