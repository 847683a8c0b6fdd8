/**
 * When a parked produce or fetch may be answered. Pure questions about a partition's present state;
 * `engine/broker/purgatory.ts` asks them again whenever that state moved, and at the deadline.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { type ErrorCode } from '../api/error-code.ts'
import { type Partition } from './partition.ts'

/** An acks=all append that waits for the high watermark. */
export interface ParkedAppend {
  /** Epoch under which it was appended. */
  readonly leaderEpoch: Epoch
  /** Offset after its last record. */
  readonly endOffset: Offset
}

/** `lost`: this broker no longer leads that epoch, so it cannot know whether the records stay. */
export type AppendVerdict = 'wait' | 'done' | 'lost'

/** Whether an append is committed, by what the partition knows now. */
export function appendVerdict(partition: Partition, parked: ParkedAppend): AppendVerdict {
  const leader = partition.leader()
  if (leader?.registration().leaderEpoch !== parked.leaderEpoch) return 'lost'
  return leader.highWatermark() >= parked.endOffset ? 'done' : 'wait'
}

/** The code for an append whose time ran out. The records are in the leader's log: every code says unknown. */
export function lateAppendCode(partition: Partition): ErrorCode {
  const leader = partition.leader()
  if (leader !== undefined && !leader.hasEnoughInSync()) return 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  return 'REQUEST_TIMED_OUT'
}

/** Whether a client's fetch position has something to say: records, or an error because the leader changed. */
export function hasNewsForClient(partition: Partition, fetchOffset: Offset): boolean {
  return partition.leader() === undefined || partition.highWatermark() > fetchOffset
}
