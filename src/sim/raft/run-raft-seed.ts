/**
 * The quorum core alone under one seed: voters and observers on a network that delays, drops, copies
 * and cuts, on disks that lose what was not synced, in processes that crash, stall and fail. After
 * every event the checker looks; at the end all is healed and everything must agree and move on.
 */
import { clusterId, directoryId, nodeId } from '../../base/id.ts'
import { Heap } from '../../base/heap.ts'
import { Defect, present } from '../../base/assert.ts'
import { seededRandom, type Random } from '../../base/random.ts'
import { type RaftSend } from '../../core/raft/ready.ts'
import { VoterSet } from '../../core/raft/voter-set.ts'
import { type SeedResult } from '../seed-result.ts'
import { RaftChecker } from './raft-checker.ts'
import { RaftDisk, type SimBatch } from './raft-disk.ts'
import { bootstrapBatch, SimRaftNode, type NodeWorld, type SimResponse } from './raft-node.ts'
import { isBefore, type SimEvent } from './raft-event.ts'
import { drawPlan, healed, type RaftPlan } from './raft-plan.ts'

interface Incoming {
  readonly to: SimRaftNode
  readonly request: RaftSend['request']
  readonly from: SimRaftNode
  readonly fromLife: number
  readonly requestId: number
}

const cluster = clusterId('raftraftraftraftraftra')
const times = { fetchTimeoutMs: 1000, fetchWaitMsMax: 300, retryMs: 50, fetchBytesMax: 1 }
const requestTimeoutMs = 1000
const healMs = 12_000
const majorityMs = 12_000
const quietMs = 3000
const eventCountMax = 400_000

/** Runs one seed from beginning to end. */
export async function runRaftSeed(options: { readonly seed: number }): Promise<SeedResult> {
  const world = new RaftWorld(options.seed)
  return Promise.resolve(world.run())
}

class RaftWorld {
  readonly #seed: number
  readonly #events = new Heap<SimEvent>(isBefore)
  readonly #network: Random
  readonly #ties: Random
  readonly #faults: Random
  readonly #disks: Random
  readonly #clients: Random
  readonly #nodes: readonly SimRaftNode[]
  readonly #checker: RaftChecker
  readonly #incoming = new Map<number, Incoming>()
  readonly #outstanding = new Set<string>()
  readonly #acknowledged: SimBatch[] = []
  readonly #counts = new Map<string, number>()
  readonly #cuts = new Map<string, number>()
  readonly #endMs: number
  #plan: RaftPlan
  #nowMs = 0
  #eventNumber = 0
  #incomingNumber = 0
  #batchId = 0
  #trace = 0x811c9dc5

  constructor(seed: number) {
    this.#seed = seed
    const random = seededRandom(`raft ${seed}`)
    this.#network = random.fork('network')
    this.#ties = random.fork('ties')
    this.#faults = random.fork('faults')
    this.#disks = random.fork('disks')
    this.#clients = random.fork('clients')
    this.#plan = drawPlan(random.fork('plan'))
    const majorityFirstMs = this.#plan.healsMajorityFirst ? majorityMs : 0
    this.#endMs = this.#plan.faultMs + majorityFirstMs + healMs
    this.#checker = new RaftChecker()
    this.#nodes = this.#makeNodes(random)
    this.#checker.watch(this.#nodes)
  }

  run(): SeedResult {
    for (const node of this.#nodes) node.start()
    this.#every('clients', () => this.#isQuiet() ? 0 : this.#plan.proposalsPerSecond, () => { this.#propose() }) // prettier-ignore
    this.#every('crash', () => this.#plan.crashesPerSecond, () => { this.#crash() }) // prettier-ignore
    this.#every('stall', () => this.#plan.stallsPerSecond, () => { this.#stall() }) // prettier-ignore
    this.#every('cut', () => this.#plan.cutsPerSecond, () => { this.#cut() }) // prettier-ignore
    this.#every('halt', () => this.#plan.haltsPerSecond, () => { this.#halt() }) // prettier-ignore
    this.#every('resign', () => this.#plan.resignsPerSecond, () => { this.#resign() }) // prettier-ignore
    if (this.#plan.losesSynced) {
      const atMs = this.#faults.next() * this.#plan.faultMs
      this.#at(atMs, { work: () => { this.#breakDisk() } }) // prettier-ignore
    }
    this.#runUntil(this.#plan.faultMs)
    this.#heal()
    if (this.#plan.healsMajorityFirst) this.#healMajority()
    const acknowledgedBefore = this.#acknowledged.length
    this.#runUntil(this.#endMs)
    this.#judgeEnd(acknowledgedBefore)
    return {
      seed: this.#seed,
      eventCount: this.#eventNumber,
      traceHash: (this.#trace >>> 0).toString(16).padStart(8, '0'),
      violations: this.#checker.violations,
      counts: Object.fromEntries(this.#counts),
      log: [],
    }
  }

  #makeNodes(random: Random): readonly SimRaftNode[] {
    const { voterCount, observerCount } = this.#plan
    const keys = Array.from({ length: voterCount + observerCount }, (_, index) => ({
      nodeId: nodeId(index + 1),
      directoryId: directoryId(String(index + 1).padStart(22, '0')),
    }))
    const endpointOf = (id: number) => ({ listener: 'CONTROLLER', host: `node${id}`, port: 1 })
    const voters = new VoterSet(
      keys.slice(0, voterCount).map((key) => ({ ...key, endpoints: [endpointOf(key.nodeId)] })),
    )
    return keys.map((key, index) => {
      const isVoter = index < voterCount
      return new SimRaftNode(
        {
          key,
          clusterId: cluster,
          endpoint: isVoter ? endpointOf(key.nodeId) : undefined,
          isVoter,
          disk: new RaftDisk(isVoter ? [bootstrapBatch(voters)] : []),
          times: { ...times, electionTimeoutMs: this.#plan.electionTimeoutMs },
          random: random.fork(`node ${key.nodeId}`),
        },
        this.#worldOfNodes(),
      )
    })
  }

  #worldOfNodes(): NodeWorld {
    return {
      nowMs: () => this.#nowMs,
      checker: this.#checker,
      later: (node, delayMs, work) => {
        this.#at(this.#nowMs + delayMs, { node, work })
      },
      syncMs: () => 0.2 + this.#disks.next() * this.#plan.syncMsMax,
      batchesPerFetchMax: () => this.#plan.batchesPerFetchMax,
      post: (node, send) => {
        this.#post(node, send)
      },
      reply: (node, incomingId, response) => {
        this.#reply(node, incomingId, response)
      },
      nextBatchId: () => ++this.#batchId,
      acknowledged: (batch) => {
        this.#acknowledged.push(batch)
        this.#count('acknowledged')
      },
    }
  }

  #at(atMs: number, what: { readonly node?: SimRaftNode; readonly work: () => void }): void {
    this.#events.push({
      atMs,
      tieBreak: this.#ties.next(),
      number: ++this.#eventNumber,
      node: what.node,
      life: what.node?.life() ?? 0,
      work: what.work,
    })
  }

  #runUntil(endMs: number): void {
    for (;;) {
      const event = this.#events.peek()
      if (event === undefined || event.atMs > endMs) break
      this.#events.pop()
      this.#nowMs = event.atMs
      this.#do(event)
      if (this.#checker.violations.length > 0) return
      if (this.#eventNumber > eventCountMax) {
        this.#checker.broken('liveness', `more than ${eventCountMax} events`)
        return
      }
    }
    this.#nowMs = endMs
  }

  #do(event: SimEvent): void {
    const { node } = event
    if (node !== undefined) {
      if (!node.isUp() || node.life() !== event.life) return
      if (node.stalledUntilMs() > this.#nowMs) {
        this.#at(node.stalledUntilMs(), { node, work: event.work })
        return
      }
    }
    this.#fold(event.atMs * 1000, event.number, node?.key.nodeId ?? 0)
    try {
      event.work()
    } catch (error) {
      if (!(error instanceof Defect)) throw error
      this.#checker.broken('defect', `node ${node?.key.nodeId ?? 0}: ${error.message}`)
    }
  }

  #fold(...parts: readonly number[]): void {
    for (const part of parts) {
      this.#trace = Math.imul(this.#trace ^ Math.floor(part), 0x01000193)
      this.#trace ^= this.#trace >>> 15
    }
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** A Poisson process of one kind of event; it stops by itself when its rate is zero. */
  #every(name: string, rate: () => number, work: () => void): void {
    const random = seededRandom(`raft ${this.#seed} ${name}`)
    const next = (): void => {
      const perMs = rate() / 1000
      if (perMs <= 0) return
      this.#at(this.#nowMs - Math.log(1 - random.next()) / perMs, {
        work: () => {
          if (rate() > 0) work()
          next()
        },
      })
    }
    next()
  }

  // Messages.

  #post(from: SimRaftNode, send: RaftSend): void {
    const to = this.#find(send)
    const name = `${from.key.nodeId}/${from.life()}/${send.requestId}`
    this.#outstanding.add(name)
    const lost = (isRefused: boolean): void => {
      if (!this.#outstanding.delete(name)) return
      from.step({ type: 'no-answer', requestId: send.requestId, isRefused })
    }
    this.#at(this.#nowMs + requestTimeoutMs, { node: from, work: () => { lost(false) } }) // prettier-ignore
    if (to === undefined || this.#isCut(from, to)) return
    if (!to.isUp()) {
      const isRefused = this.#network.chance(0.8)
      this.#at(this.#nowMs + this.#delayMs(), { node: from, work: () => { lost(isRefused) } }) // prettier-ignore
      return
    }
    const { requestId, request } = send
    const incoming = { to, from, fromLife: from.life(), requestId, request }
    for (let copies = this.#copies(); copies > 0; copies--) {
      this.#at(this.#nowMs + this.#delayMs(), {
        node: to,
        work: () => {
          const incomingId = ++this.#incomingNumber
          this.#incoming.set(incomingId, incoming)
          to.step({ type: 'request', requestId: incomingId, request })
        },
      })
    }
  }

  #reply(from: SimRaftNode, incomingId: number, response: SimResponse): void {
    const incoming = this.#incoming.get(incomingId)
    if (incoming === undefined) return
    this.#incoming.delete(incomingId)
    const { request } = incoming
    if (response.api === 'vote' && response.isGranted && request.api === 'vote') {
      if (!request.isPreVote) {
        this.#checker.voted(from.key, request.epoch, request.candidate.nodeId)
        if (this.#faults.chance(this.#plan.crashAfterVoteRate)) this.#crashSoon(from)
      }
    }
    const to = incoming.from
    if (this.#isCut(from, to) || to.life() !== incoming.fromLife) return
    const name = `${to.key.nodeId}/${incoming.fromLife}/${incoming.requestId}`
    for (let copies = this.#copies(); copies > 0; copies--) {
      this.#at(this.#nowMs + this.#delayMs(), {
        node: to,
        work: () => {
          if (this.#outstanding.delete(name)) to.answered(incoming.requestId, response)
        },
      })
    }
  }

  #find(send: RaftSend): SimRaftNode | undefined {
    const { to } = send
    if (to.type === 'node') return this.#nodes.find((node) => node.key.nodeId === to.nodeId)
    const voters = this.#nodes.filter((node) => node.isVoter)
    return voters[this.#network.below(voters.length)]
  }

  /** How many copies of a message arrive. */
  #copies(): number {
    if (this.#network.chance(this.#plan.dropRate)) return 0
    return this.#network.chance(this.#plan.duplicateRate) ? 2 : 1
  }

  #delayMs(): number {
    const ms = 0.1 + this.#network.next() * this.#plan.delayMsMax
    return this.#network.chance(this.#plan.stragglerRate) ? ms * 10 : ms
  }

  #isCut(from: SimRaftNode, to: SimRaftNode): boolean {
    const untilMs = this.#cuts.get(`${from.key.nodeId}>${to.key.nodeId}`)
    return untilMs !== undefined && untilMs > this.#nowMs
  }

  // Clients and faults.

  #propose(): void {
    const leaders = this.#nodes.filter((node) => node.raft()?.status().role === 'leader')
    const leader = leaders[this.#clients.below(Math.max(1, leaders.length))]
    if (leader === undefined || leader.stalledUntilMs() > this.#nowMs) return
    if (leader.propose(1 + this.#clients.below(3))) this.#count('proposed')
  }

  /** Near the end nothing new comes, so that what there is can be committed everywhere. */
  #isQuiet(): boolean {
    return this.#nowMs > this.#endMs - quietMs
  }

  #someone(): SimRaftNode | undefined {
    return this.#nodes[this.#faults.below(this.#nodes.length)]
  }

  /** A node loses power; sometimes the leader on purpose, sometimes all of them. */
  #crash(): void {
    const isEverybody = this.#faults.chance(0.05)
    const leader = this.#nodes.find((node) => node.raft()?.status().role === 'leader')
    const one = this.#faults.chance(0.4) ? leader : this.#someone()
    for (const node of isEverybody ? this.#nodes : [one]) {
      if (node?.isUp() !== true) continue
      this.#count('crashes')
      this.#restartWithin(node, this.#faults.chance(0.5) ? 50 : 2000)
    }
  }

  #crashSoon(node: SimRaftNode): void {
    this.#at(this.#nowMs, {
      node,
      work: () => {
        this.#count('crashes after votes')
        this.#restartWithin(node, 20)
      },
    })
  }

  #restartWithin(node: SimRaftNode, downMsMax: number): void {
    this.#takeDown(node)
    this.#at(this.#nowMs + this.#faults.next() * downMsMax, {
      work: () => {
        if (!node.isUp()) node.start()
      },
    })
  }

  #takeDown(node: SimRaftNode): void {
    node.crash()
    this.#dropRequestsTo(node)
  }

  /**
   * A voter's disk loses what it had synced, at the worst time: some voters have just come back and lack
   * what is committed, and the leader is cut off. They must not be elected by the voter that forgot.
   */
  #breakDisk(): void {
    const leader = this.#nodes.find((node) => node.raft()?.status().role === 'leader')
    const others = this.#nodes.filter((node) => node.isVoter && node !== leader)
    const victim = others[this.#faults.below(others.length)]
    if (leader === undefined || victim === undefined) return
    const lagging = others.filter((node) => node !== victim).slice(0, others.length / 2)
    for (const node of lagging) this.#cutOff(node, this.#nowMs + 1000)
    this.#at(this.#nowMs + 1000, {
      work: () => {
        if (!victim.isUp()) return
        this.#count('disks broken')
        this.#checker.excuse(victim)
        this.#restartWithin(victim, 20)
        victim.disk().loseSynced(this.#faults)
        this.#cutOff(leader, this.#nowMs + 4000)
      },
    })
  }

  /** Whoever waits for an answer of a dead process mostly hears that the connection is gone. */
  #dropRequestsTo(node: SimRaftNode): void {
    for (const [incomingId, incoming] of this.#incoming) {
      if (incoming.to !== node) continue
      this.#incoming.delete(incomingId)
      const { from, fromLife, requestId } = incoming
      if (from.life() !== fromLife || !this.#network.chance(0.8)) continue
      const name = `${from.key.nodeId}/${fromLife}/${requestId}`
      this.#at(this.#nowMs + this.#delayMs(), {
        node: from,
        work: () => {
          if (this.#outstanding.delete(name)) {
            from.step({ type: 'no-answer', requestId, isRefused: false })
          }
        },
      })
    }
  }

  #stall(): void {
    this.#count('stalls')
    this.#someone()?.stall(this.#nowMs + this.#faults.next() * 3000)
  }

  /** Cuts one node off from some others, one way or both, for a while. */
  #cut(): void {
    this.#count('cuts')
    const leader = this.#nodes.find((node) => node.raft()?.status().role === 'leader')
    const one = this.#faults.chance(0.5) ? leader : this.#someone()
    const untilMs = this.#nowMs + this.#faults.next() * 4000
    const isOneWay = this.#faults.chance(0.4)
    for (const other of this.#nodes) {
      if (one === undefined || other === one || this.#faults.chance(0.3)) continue
      this.#cuts.set(`${one.key.nodeId}>${other.key.nodeId}`, untilMs)
      if (!isOneWay) this.#cuts.set(`${other.key.nodeId}>${one.key.nodeId}`, untilMs)
    }
  }

  /** The store of a node fails: it takes part no more until it is started again. */
  #halt(): void {
    this.#count('halts')
    this.#someone()?.step({ type: 'halt' })
  }

  #resign(): void {
    this.#count('resigns')
    this.#nodes.find((node) => node.raft()?.status().role === 'leader')?.step({ type: 'resign' })
  }

  /** From here on everything works: the halted are started again, the cuts are over. */
  #heal(): void {
    this.#plan = healed(this.#plan)
    this.#cuts.clear()
    for (const node of this.#nodes) {
      if (node.isUp()) {
        if (node.raft()?.isHalted() !== true) continue
        node.crash()
        this.#dropRequestsTo(node)
      }
      node.start()
    }
  }

  /** One voter stays cut off from all: the others must be led, and acknowledge, without it. */
  #healMajority(): void {
    const voters = this.#nodes.filter((node) => node.isVoter)
    const leader = voters.find((node) => node.raft()?.status().role === 'leader')
    const left = leader ?? present(voters[this.#faults.below(voters.length)], 'a voter')
    const untilMs = this.#nowMs + majorityMs
    this.#cutOff(left, untilMs)
    this.#runUntil(untilMs - majorityMs / 2)
    const before = this.#acknowledged.length
    this.#runUntil(untilMs)
    // A voter whose disk lost something counts for nothing until it has it again.
    const isWhole = voters.every((node) => node.raft()?.isShortOfMark() !== true)
    if (!isWhole) return
    if (this.#acknowledged.length === before && this.#checker.violations.length === 0) {
      this.#checker.broken(
        'liveness',
        'a healed majority acknowledges nothing without the last voter',
      )
    }
  }

  #cutOff(node: SimRaftNode, untilMs: number): void {
    for (const other of this.#nodes) {
      this.#cuts.set(`${node.key.nodeId}>${other.key.nodeId}`, untilMs)
      this.#cuts.set(`${other.key.nodeId}>${node.key.nodeId}`, untilMs)
    }
  }

  #judgeEnd(acknowledgedBefore: number): void {
    if (this.#checker.violations.length > 0) return
    if (this.#acknowledged.length === acknowledgedBefore) {
      this.#checker.broken('liveness', 'healed, and nothing more was acknowledged')
    }
    const statuses = this.#nodes.flatMap((node) => {
      const status = node.raft()?.status()
      return status === undefined ? [] : [{ node, status }]
    })
    this.#checker.finished(statuses)
    this.#checker.keeps(this.#acknowledged)
  }
}
