/** What the compaction of a log is asked for, and what it says in the end. */
import { type Offset } from '../../base/id.ts'
import { type BatchEnds } from '../../core/replica/compaction.ts'
import { type CompactionPlan } from '../../core/replica/compaction-plan.ts'
import { type Compressor } from '../ports/compressor.ts'
import { type Throttle } from '../runtime/throttle.ts'

/** One compaction. */
export interface CompactionTask extends Pick<CompactionPlan, 'from' | 'upTo'> {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Neighbours are joined up to this size. */
  readonly segmentBytes: number
  /** Memory for the keys. */
  readonly keysBytesMax: number
  /** A number that producers do not know. */
  readonly seed: number
  readonly producerEnd: BatchEnds['producerEnd']
  readonly compressor: Compressor
  /** Pays for what is read and written. */
  readonly throttle: Throttle
  readonly signal: AbortSignal
}

/** What a compaction did. */
export interface CompactionResult {
  /** Everything below is compacted; it can be less than was asked for, when the keys had no room. */
  readonly cleanedTo: Offset
  readonly bytesBefore: number
  readonly bytesAfter: number
}
