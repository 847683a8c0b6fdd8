/** What one seed tries: the shape of the quorum, which faults, how often. Drawn once, at the start. */
import { type Random } from '../../base/random.ts'

/** Faults and rates of one run. Probabilities are per message or per second of one node. */
export interface RaftPlan {
  readonly voterCount: number
  readonly observerCount: number
  readonly faultMs: number
  readonly delayMsMax: number
  readonly dropRate: number
  readonly duplicateRate: number
  /** Chance that a message takes ten times as long: it is overtaken by others. */
  readonly stragglerRate: number
  readonly syncMsMax: number
  readonly crashesPerSecond: number
  readonly stallsPerSecond: number
  readonly cutsPerSecond: number
  readonly haltsPerSecond: number
  readonly resignsPerSecond: number
  readonly proposalsPerSecond: number
  readonly batchesPerFetchMax: number
  /** Chance that a voter loses power just after it granted a vote. */
  readonly crashAfterVoteRate: number
  /** Short ones make voters stand at the same time. */
  readonly electionTimeoutMs: number
  /** Whether healing leaves one voter, the leader by preference, cut off for a while: the others must go on. */
  readonly healsMajorityFirst: boolean
  /** Whether one voter's disk loses synced batches at one of its restarts. */
  readonly losesSynced: boolean
}

/** Draws a plan: each fault is on in some seeds only, so that each is also seen alone. */
export function drawPlan(random: Random): RaftPlan {
  const some = (chance: number, most: number): number =>
    random.chance(chance) ? random.next() * most : 0
  // Voters that stand at the same time, and lose power just after they voted: votes are then at risk.
  const isContested = random.chance(0.3)
  const voterCount = [1, 3, 3, 3, 5][random.below(5)] ?? 3
  return {
    voterCount,
    observerCount: random.below(3),
    faultMs: 8000 + random.below(16_000),
    delayMsMax: random.chance(0.3) && !isContested ? 150 : 2 + random.below(20),
    dropRate: some(0.5, 0.2),
    duplicateRate: some(0.4, 0.3),
    stragglerRate: some(0.4, 0.1),
    syncMsMax: random.chance(0.3) ? 100 : 1 + random.below(8),
    crashesPerSecond: isContested ? 1 : some(0.8, 1.2),
    stallsPerSecond: some(0.4, 0.6),
    cutsPerSecond: some(0.6, 1),
    haltsPerSecond: some(0.2, 0.1),
    resignsPerSecond: some(0.3, 0.3),
    proposalsPerSecond: 2 + random.below(30),
    batchesPerFetchMax: 1 + random.below(8),
    crashAfterVoteRate: isContested ? 0.4 : some(0.3, 0.6),
    electionTimeoutMs: isContested ? 40 : ([500, 500, 150][random.below(3)] ?? 500),
    healsMajorityFirst: voterCount >= 3 && random.chance(0.5),
    losesSynced: voterCount >= 3 && random.chance(0.5),
  }
}

/** The same quorum once all is healed: everything arrives, nothing breaks. */
export function healed(plan: RaftPlan): RaftPlan {
  return {
    ...plan,
    delayMsMax: 10,
    dropRate: 0,
    duplicateRate: 0,
    stragglerRate: 0,
    syncMsMax: 5,
    crashesPerSecond: 0,
    stallsPerSecond: 0,
    cutsPerSecond: 0,
    haltsPerSecond: 0,
    resignsPerSecond: 0,
    crashAfterVoteRate: 0,
  }
}
