/**
 * When a parked produce or fetch may be answered. Pure questions about a partition's present state;
 * `engine/broker/purgatory.ts` asks them again whenever that state moved, and at the deadline.
 */
import { offset, type Epoch, type Offset } from '../../base/id.ts'
import { type ErrorCode } from '../api/error-code.ts'
import { type LogView } from './log-view.ts'
import { type Partition } from './partition.ts'

/** An acks=all append that waits for the high watermark. */
export interface ParkedAppend {
  /** Epoch under which it was appended. */
  readonly leaderEpoch: Epoch
  /** Offset after its last record. */
  readonly endOffset: Offset
}

/**
 * `lost`: cut from this log, or never certain to be in it. `unsure`: this broker leads that epoch no
 * more, but still has the records: it learns from the next leader whether they were kept.
 */
export type AppendVerdict = 'wait' | 'done' | 'unsure' | 'lost'

/** Whether an append is committed, by what the partition knows now. */
export function appendVerdict(
  partition: Partition,
  log: LogView,
  parked: ParkedAppend,
): AppendVerdict {
  const isDone = partition.highWatermark() >= parked.endOffset
  const leader = partition.leader()
  if (leader?.registration().leaderEpoch === parked.leaderEpoch) return isDone ? 'done' : 'wait'
  if (!holdsAppend(log, parked)) return 'lost'
  return isDone ? 'done' : 'unsure'
}

/** Whether the records are still in this log: an offset and an epoch name a record for ever. */
export function holdsAppend(log: LogView, parked: ParkedAppend): boolean {
  const lastOffset = offset(parked.endOffset - 1)
  return (
    log.endOffset() >= parked.endOffset && log.epochs().epochAt(lastOffset) === parked.leaderEpoch
  )
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
