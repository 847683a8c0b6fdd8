/** Why a partition cannot be asked here what only its leader can answer; the same for all such questions. */
import { type Epoch } from '../../../base/id.ts'
import { type ErrorCode } from '../../../core/api/error-code.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'

/** Undefined when it leads the epoch asked for, if any. */
export function leaderRefusal(
  { standing }: Pick<BrokerParts, 'standing'>,
  hosted: HostedPartition,
  leaderEpoch?: Epoch,
): ErrorCode | undefined {
  const verdict = hosted.state.checkEpoch(leaderEpoch)
  if (verdict !== 'right') return verdict
  return standing.isServing() ? undefined : 'NOT_LEADER_OR_FOLLOWER'
}

/** False while a new leader's high watermark may still be lower than one that was told before (KIP-207). */
export function knowsEnd(hosted: HostedPartition): boolean {
  const leader = hosted.state.leader()
  return leader !== undefined && leader.highWatermark() >= leader.epochStartOffset
}
