/**
 * Elections that may lose committed records; each is counted in the partition. `at risk` is always
 * allowed, because waiting longer would not bring anything back; `unclean` only where the topic says so.
 */
import { type NodeId } from '../../../base/id.ts'
import { type UncleanReplica } from '../../metadata/image/image.ts'
import { type Ballot } from './ballot.ts'

/**
 * With nobody left in ISR and ELR: once every one of the last members is back, and each is unclean
 * only because unsynced writes may be gone or ranges cannot be read, the one with the greatest (last
 * epoch, end). What it cannot read fails by name; everything else is served.
 */
export function electAtRisk(ballot: Ballot): NodeId | undefined {
  if (ballot.isr.length > 0 || ballot.elr.length > 0) return undefined
  const logs = ballot.lastKnownElr.map((replica) => ({
    replica,
    log: ballot.uncleanLogOf(replica),
  }))
  const areAllBack = logs.every(
    ({ replica, log }) =>
      ballot.isEligible(replica) && log !== undefined && log.reason !== 'corrupt',
  )
  return areAllBack ? longest(logs) : undefined
}

/** Any live replica: the longest of those whose length is known, else the first. */
export function electUnclean(ballot: Ballot): NodeId | undefined {
  if (!ballot.allowsUnclean()) return undefined
  const alive = ballot.replicas.filter(ballot.isEligible)
  const known = alive.filter((replica) => ballot.lastKnownElr.includes(replica))
  const logs = known.map((replica) => ({ replica, log: ballot.uncleanLogOf(replica) }))
  return longest(logs.filter(({ log }) => log !== undefined)) ?? alive[0]
}

interface Candidate {
  readonly replica: NodeId
  readonly log: UncleanReplica | undefined
}

function longest(candidates: readonly Candidate[]): NodeId | undefined {
  let best: Candidate | undefined
  for (const candidate of candidates) {
    if (best === undefined || isLonger(candidate.log, best.log)) best = candidate
  }
  return best?.replica
}

function isLonger(left: UncleanReplica | undefined, right: UncleanReplica | undefined): boolean {
  const leftEpoch = left?.lastEpoch ?? -1
  const rightEpoch = right?.lastEpoch ?? -1
  if (leftEpoch !== rightEpoch) return leftEpoch > rightEpoch
  return (left?.endOffset ?? 0) > (right?.endOffset ?? 0)
}
