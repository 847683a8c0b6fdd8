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
 * - After a storage fault nothing is written, voted, led or acknowledged in this life. A life ends with
 *   the process, or with the reopening of a directory that was full: both start from what is durable.
 */
import { assert } from '../../base/assert.ts'
import { offset, type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type Apis } from '../../core/api/apis.ts'
import { type Endpoint } from '../../core/api/endpoint.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type DescribeQuorumResponse, type QuorumLeader } from '../../core/api/quorum.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { type RaftEvent } from '../../core/raft/event.ts'
import { type RaftStart } from '../../core/raft/quorum-state.ts'
import { Raft } from '../../core/raft/raft.ts'
import { mergeReady, nothingReady, type Ready } from '../../core/raft/ready.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { Bell } from '../runtime/bell.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { Mailbox } from '../runtime/mailbox.ts'
import { type LogDirectory } from '../storage/log-directory.ts'
import { type LogQuery, type LogRead } from '../storage/partition-log.ts'
import { IncomingRequests } from './incoming-requests.ts'
import { ProposalLedger, type Proposed } from './proposal-ledger.ts'
import { QuorumChannels, type QuorumRefusal, type Reception } from './quorum-channels.ts'
import { ReadyPerformer } from './ready-performer.ts'
import { readStart, type QuorumMember } from './read-start.ts'
import { Wakeup } from './wakeup.ts'

/** Operations that a quorum node answers. */
export type QuorumApi =
  'vote' | 'begin-quorum-epoch' | 'end-quorum-epoch' | 'quorum-fetch' | 'describe-quorum'

/** What a quorum node is opened with. */
export interface OpenQuorum extends QuorumMember {
  readonly ports: Ports
  /** Of the log: when it was full and is open again, the quorum node starts again by itself. */
  readonly directory?: Pick<LogDirectory, 'state' | 'stateChanged'>
  /** Told once when this node takes part no more: its store failed for good, or a defect was found. */
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

/** From one start of the core to its end; what an earlier life still brings is for nobody. */
interface Life {
  readonly number: number
  readonly raft: Raft
  readonly performer: ReadyPerformer
}

interface Queued {
  readonly life: Life
  readonly ready: Ready
}

const committedBytesMax = 1024 * 1024
/** How long the directory may take to say that a fault was for want of space. */
const fullNoticeMs = 200
const readyCountMax = 100_000

/** Takes part in the metadata quorum: as a voter when the voter set names this node and directory, else as an observer. */
export class Quorum {
  /** Rings after each change of `leadership()` and of `activeSince()`. */
  readonly leadershipChanged = new Bell()
  readonly #options: OpenQuorum
  readonly #lifecycle: Lifecycle
  readonly #channels: QuorumChannels
  readonly #mailbox: Mailbox<Queued>
  readonly #wakeup: Wakeup
  readonly #proposals = new ProposalLedger()
  readonly #committed = new Bell()
  readonly #stepped = new Bell()
  readonly #incoming: IncomingRequests
  readonly #handlers: Handlers
  #life: Life
  #savedEpoch: Epoch
  #formerLeader: QuorumLeader | undefined
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
    this.#channels = new QuorumChannels({
      transport,
      telemetry,
      clusterId: options.identity.clusterId,
      clientId: `quorum-${options.identity.nodeId}`,
      bootstrapServers: options.settings['controller.quorum.bootstrap.servers'],
      requestTimeoutMs: options.settings['controller.quorum.request.timeout.ms'],
      clock,
      nodeId: options.identity.nodeId,
      isVoter: () => this.#life.raft.status().isVoter,
      onRefused: (refusal) => {
        this.#refusal = refusal
        this.leadershipChanged.ring()
      },
    })
    this.#mailbox = new Mailbox({
      countMax: readyCountMax,
      perform: async (queued) => this.#perform(queued),
    })
    this.#wakeup = new Wakeup(clock, () => {
      this.#step({ type: 'tick' })
    })
    this.#incoming = new IncomingRequests({
      step: (requestId, request) => {
        this.#step({ type: 'request', requestId, request })
      },
      leads: (epoch) => this.#life.raft.leads(epoch),
      read: async (query) => this.#read(query),
    })
    this.#handlers = {
      ...this.#incoming.handlers(),
      'describe-quorum': async () => Promise.resolve(this.#describe()),
    }
    this.#life = this.#beginLife(1, start)
    this.#savedEpoch = this.#life.raft.status().leader.epoch
  }

  /** Starts taking part. Rejects with `StorageFault('corrupt')` for a sole voter that has lost what it answered for. */
  static async open(options: OpenQuorum): Promise<Quorum> {
    const quorum = new Quorum(options, await readStart(options))
    quorum.#checkStart()
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
    const { raft } = this.#life
    // While the disk is full this node still knows whom it followed; brokers go on talking to that one.
    const leader = this.#formerLeader ?? raft.status().leader
    if (leader.epoch > this.#savedEpoch) return { epoch: this.#savedEpoch, isLeader: false }
    return { ...leader, isLeader: raft.leads(leader.epoch) }
  }

  /**
   * Set while this node leads and its own LeaderChange is committed: the epoch, and the offset behind
   * that LeaderChange. An image at that offset holds everything that earlier epochs committed.
   */
  activeSince(): { readonly epoch: Epoch; readonly offset: Offset } | undefined {
    return this.#life.raft.activeSince()
  }

  /** Everything below it is committed, and in this node's log. */
  highWatermark(): Offset {
    return this.#highWatermark
  }

  /** Addresses of quorum nodes, `host:port`, whose last request got no answer. */
  silent(): readonly string[] {
    return this.#channels.silent()
  }

  /** Why this node takes no part now: its store has failed, or is full. */
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
    const { raft } = this.#life
    if (!raft.leads(epoch) || records.length === 0 || !this.#proposals.hasRoom()) {
      return undefined
    }
    const baseOffset = raft.status().logEndOffset
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
    const { log } = this.#options
    // After a restart the log may end below what is known to be committed, until it is fetched again.
    const hasNews = (): boolean => Math.min(this.#highWatermark, log.endOffset()) > after
    const came = await this.#committed.until(hasNews, { signal })
    if (!came) return []
    const query = { from: after, upTo: this.#highWatermark, bytesMax: committedBytesMax }
    const { slices } = await log.read(query)
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
    await this.#stepped.until(() => !this.#life.raft.isResigning(), {
      timeout: { clock, ms },
      signal: this.#lifecycle.signal,
    })
  }

  /** Stops at once. A second call does nothing. */
  async close(): Promise<void> {
    this.#wakeup.close()
    this.#proposals.abandon()
    this.#incoming.close()
    await Promise.all([this.#lifecycle.close(), this.#channels.close(), this.#settled()])
    this.leadershipChanged.ring()
  }

  /** When nothing is being performed any more: whoever owns the log may close it then. */
  async #settled(): Promise<void> {
    try {
      await this.#mailbox.idle()
    } catch (cause) {
      assert(this.#failure !== undefined || cause instanceof StorageFault, 'an untold failure')
    }
  }

  #checkStart(): void {
    const { nodeId } = this.#options.identity
    const { raft } = this.#life
    const { isVoter, voterCount } = raft.status()
    if (isVoter && raft.isShortOfMark()) {
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

  #beginLife(number: number, start: RaftStart): Life {
    const { election, log, ports } = this.#options
    const { clock } = ports
    const isOver = (): boolean => this.#life.number !== number
    const performer = new ReadyPerformer({
      ...{ clock, election, log, lifecycle: this.#lifecycle },
      onSynced: (operation) => {
        if (!isOver()) this.#step({ type: 'synced', number: operation })
      },
      onFault: (cause) => {
        if (!isOver()) this.#fail(cause)
      },
      onAnswer: (answer) => {
        this.#incoming.answer(answer)
      },
      onSend: (send) => {
        this.#lifecycle.spawn('quorum-request', async (signal) => {
          const reception = await this.#channels.request(send, signal)
          if (!isOver()) this.#receive(send.requestId, reception)
        })
      },
    })
    return { number, raft: new Raft(start, clock.nowMs()), performer }
  }

  /** The one place where the core moves: synchronous, and everything that follows from it is queued in order. */
  #step(event: RaftEvent, pieces: readonly Uint8Array[] = []): void {
    if (this.#lifecycle.isClosing) return
    const life = this.#life
    const ready = this.#stepCore(event)
    for (const operation of ready.log) {
      const hasBytes = operation.type === 'append-proposal' || operation.type === 'append-fetched'
      if (hasBytes) life.performer.keep(operation.number, pieces)
    }
    if (ready !== nothingReady) {
      const isQueued = this.#mailbox.post({ life, ready })
      assert(isQueued || this.#failure !== undefined, 'the quorum has more to do than it can hold')
    }
    this.#settle()
    this.#wakeup.at(life.raft.nextDeadlineMs())
    this.#stepped.ring()
  }

  /** A core that found itself wrong decides nothing more. */
  #stepCore(event: RaftEvent): Ready {
    try {
      return this.#life.raft.step(event, this.#options.ports.clock.nowMs())
    } catch (cause) {
      this.#fail(cause)
      throw cause
    }
  }

  #receive(requestId: number, reception: Reception): void {
    if (reception.type === 'none') {
      this.#step({ type: 'no-answer', requestId, isRefused: reception.isRefused })
    } else {
      this.#step({ type: 'response', requestId, response: reception.response }, reception.pieces)
    }
  }

  async #perform(queued: readonly Queued[]): Promise<void> {
    const life = this.#life
    const ready = queued
      .filter((one) => one.life === life)
      .map((one) => one.ready)
      .reduce(mergeReady, nothingReady)
    try {
      await life.performer.perform(ready)
    } catch (cause) {
      this.#fail(cause)
      if (!(cause instanceof StorageFault)) throw cause
      return
    }
    if (this.#failure !== undefined || life !== this.#life) return
    if (ready.save !== undefined) this.#savedEpoch = ready.save.epoch
    if (ready.highWatermark !== undefined && ready.highWatermark > this.#highWatermark) {
      this.#highWatermark = ready.highWatermark
    }
    // Rung for every change of the log: after a restart it catches up with the high watermark from below.
    if (ready.highWatermark !== undefined || ready.log.length > 0) this.#committed.ring()
    this.#settle()
  }

  /** Tells whoever waits for leadership or for a proposal what became of it. */
  #settle(): void {
    const { raft } = this.#life
    const active = raft.activeSince()
    const { role, highWatermark } = raft.status()
    this.#proposals.settle(highWatermark, (epoch) => raft.leads(epoch))
    const { epoch, leaderId, isLeader, leaderEndpoint } = this.leadership()
    const where = `${leaderEndpoint?.host ?? ''}:${leaderEndpoint?.port ?? ''}`
    const shown = `${epoch} ${leaderId ?? ''} ${isLeader} ${active?.epoch ?? ''} ${where}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.#options.ports.telemetry.log('info', 'quorum-leadership', {
      nodeId: this.#options.identity.nodeId,
      ...{ epoch, leaderId, role, isActive: active !== undefined },
    })
    this.leadershipChanged.ring()
  }

  /** The store is never trusted again in this life: what it did with the last write is unknown. */
  #fail(cause: unknown): void {
    if (this.#failure !== undefined || this.#lifecycle.isClosing) return
    this.#failure = { cause }
    const { nodeId } = this.#options.identity
    const { leader } = this.#life.raft.status()
    if (leader.leaderId !== nodeId) this.#formerLeader = leader
    this.#life.performer.stopWriting()
    this.#options.ports.telemetry.log('error', 'quorum-stopped', { nodeId, cause })
    this.#step({ type: 'halt' })
    this.#proposals.abandon()
    // Their answers may have been behind the write that failed.
    this.#incoming.abandon()
    this.#lifecycle.spawn('quorum-recovery', async (signal) => {
      if (cause instanceof StorageFault && (await this.#isRoomyAgain(signal))) await this.#restart()
      else if (!signal.aborted) this.#options.onFailure?.(cause)
    })
  }

  /** True once the directory, which was full, was opened again; false when something else is wrong with it. */
  async #isRoomyAgain(signal: AbortSignal): Promise<boolean> {
    const { directory, ports } = this.#options
    if (directory === undefined) return false
    const timeout = { clock: ports.clock, ms: fullNoticeMs }
    await directory.stateChanged.until(() => directory.state() !== 'online', { signal, timeout })
    if (directory.state() !== 'full') return false
    await directory.stateChanged.until(() => directory.state() !== 'full', { signal })
    return directory.state() === 'online' && !signal.aborted
  }

  /** Begins a new life, as a new process would: from what the reopened log and the election state say. */
  async #restart(): Promise<void> {
    const { nodeId } = this.#options.identity
    const start = await readStart(this.#options)
    this.#life = this.#beginLife(this.#life.number + 1, start)
    this.#savedEpoch = this.#life.raft.status().leader.epoch
    this.#failure = undefined
    this.#formerLeader = undefined
    this.#options.ports.telemetry.log('info', 'quorum-restarted', { nodeId })
    this.#step({ type: 'tick' })
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
    const { raft } = this.#life
    const described = raft.describe(this.#options.ports.clock.nowMs())
    const { leader, highWatermark } = raft.status()
    if (described === undefined) {
      const known =
        leader.leaderId === undefined ? 'nobody is known to' : `node ${leader.leaderId} does`
      return refuse('NOT_CONTROLLER', `This node does not lead the quorum; ${known}.`)
    }
    const leaderId = this.#options.identity.nodeId
    return { ok: true, value: { leaderId, epoch: leader.epoch, highWatermark, ...described } }
  }
}
