/**
 * What a follower's position means to the leader, and what a leader's answer means to the follower's
 * log: fencing by leader epoch (KIP-320), truncation by epoch and never by high watermark (KIP-101,
 * KIP-279), one step a fetch as in KIP-595: the leader names the largest of its epochs that is not
 * past the follower's last one and where it ends, the follower truncates, and asks again.
 */
import { type BrokerEpoch, type Epoch, type NodeId, type Offset } from '../../base/id.ts'
import { type ErrorCode } from '../api/error-code.ts'
import { type ReplicaPosition } from '../api/replica-fetch.ts'
import { type EpochEnd } from '../record/epoch-history.ts'
import { type LogView } from './log-view.ts'
import { type Partition } from './partition.ts'

/**
 * `later`: this broker's metadata is behind the follower's: it will lead, or know the replica, when
 * the image that the follower has arrives here, so the position stays and is looked at again then.
 */
export type FetchVerdict =
  | { readonly type: 'serve' }
  | { readonly type: 'later' }
  | { readonly type: 'diverging'; readonly epoch: Epoch; readonly endOffset: Offset }
  | { readonly type: 'refuse'; readonly code: ErrorCode; readonly message: string }

/** Who fetches. */
export interface Fetcher {
  readonly replicaId: NodeId
  readonly brokerEpoch: BrokerEpoch
}

/** Checks a follower's position against the leader's log; changes nothing. */
export function checkReplicaFetch(
  partition: Partition,
  log: LogView,
  fetch: { readonly position: ReplicaPosition; readonly fetcher: Fetcher },
): FetchVerdict {
  const { position, fetcher } = fetch
  const verdict = partition.checkEpoch(position.leaderEpoch)
  const leader = partition.leader()
  if (verdict === 'UNKNOWN_LEADER_EPOCH') return { type: 'later' }
  if (verdict !== 'right' || leader === undefined) {
    const code = verdict === 'FENCED_LEADER_EPOCH' ? verdict : 'NOT_LEADER_OR_FOLLOWER'
    return refusal(code, `leader epoch ${position.leaderEpoch} is not led here`)
  }
  if (!leader.registration().replicas.includes(fetcher.replicaId)) return { type: 'later' }
  if (leader.isStale(fetcher.replicaId, fetcher.brokerEpoch)) {
    return refusal('FENCED_REPLICA', `broker epoch ${fetcher.brokerEpoch} has been superseded`)
  }
  return checkPosition(log, position)
}

function checkPosition(log: LogView, position: ReplicaPosition): FetchVerdict {
  const { fetchOffset, lastFetchedEpoch } = position
  const [start, end] = [log.startOffset(), log.endOffset()]
  if (fetchOffset < start) return refusal('OFFSET_OUT_OF_RANGE', `the log starts at ${start}`)
  // What lies below the start is compared with nothing: it is gone here.
  if (fetchOffset === start) return { type: 'serve' }
  if (lastFetchedEpoch === undefined) {
    if (fetchOffset <= end) return { type: 'serve' }
    return refusal('OFFSET_OUT_OF_RANGE', `the log ends at ${end}`)
  }
  const agreed = log.epochs().endOffsetFor(lastFetchedEpoch, end)
  if (agreed === undefined) {
    return { type: 'diverging', epoch: lastFetchedEpoch, endOffset: start }
  }
  if (agreed.epoch === lastFetchedEpoch && fetchOffset <= agreed.endOffset) return { type: 'serve' }
  return { type: 'diverging', ...agreed }
}

/** Where a follower must cut its log after a divergence: both logs agree below, as far as one step tells. */
export function planTruncation(log: LogView, diverging: EpochEnd): Offset {
  const own = log.epochs().endOffsetFor(diverging.epoch, log.endOffset())
  const ownEnd = own?.endOffset ?? log.startOffset()
  return ownEnd < diverging.endOffset ? ownEnd : diverging.endOffset
}

function refusal(code: ErrorCode, message: string): FetchVerdict {
  return { type: 'refuse', code, message }
}
