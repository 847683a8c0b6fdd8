/** One event of a simulated quorum, and the order of events: by time, then by chance, then by number. */
import { type SimRaftNode } from './raft-node.ts'

/** Work that is due at a time. */
export interface SimEvent {
  readonly atMs: number
  readonly tieBreak: number
  readonly number: number
  /** Absent: the world's own. */
  readonly node: SimRaftNode | undefined
  /** The work is for this life of the node and no later one. */
  readonly life: number
  readonly work: () => void
}

/** Whether the left one happens first. */
export function isBefore(left: SimEvent, right: SimEvent): boolean {
  if (left.atMs !== right.atMs) return left.atMs < right.atMs
  if (left.tieBreak !== right.tieBreak) return left.tieBreak < right.tieBreak
  return left.number < right.number
}
