/**
 * What replication reads of a log, synchronously. The engine's PartitionLog has this shape; tests
 * give a plain object. Replication decides from these four facts and never writes the log itself.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { type EpochHistory } from '../record/epoch-history.ts'

/** The facts about one log. */
export interface LogView {
  /** First offset that can be read. */
  readonly startOffset: () => Offset
  /** Offset that the next append gets; counts appends in flight. */
  readonly endOffset: () => Offset
  /** End of what would be left after a crash, by the log's flush mode; at most `endOffset`. */
  readonly durableOffset: () => Offset
  /** Which leader epoch starts where, of what is in the log. */
  readonly epochs: () => EpochHistory
  /** Leader epoch of the last batch; absent when the log is empty. */
  readonly lastEpoch: () => Epoch | undefined
}
