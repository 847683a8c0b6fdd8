/**
 * Replays the committed metadata log into images and publishes each. What one read brought becomes
 * one image, so that a node that catches up publishes few. Stops, loudly, at a record that this build
 * does not know: running on a wrong image would be worse than not running.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { applyRecords } from '../../core/metadata/delta/apply.ts'
import { emptyDelta, mergeDeltas } from '../../core/metadata/delta/delta.ts'
import { decodeRecord } from '../../core/metadata/record-codec.ts'
import { type MetadataRecord } from '../../core/metadata/records/record.ts'
import {
  baseOffset,
  forEachBatch,
  isControl,
  leaderEpoch,
  nextOffset,
} from '../../core/record/batch-header.ts'
import { readRecords } from '../../core/record/batch-reader.ts'
import { StorageFault } from '../ports/fault.ts'
import { type MetadataPublisher } from './metadata-publisher.ts'

/** Where the loader gets committed batches: the quorum. */
export interface CommittedSource {
  readonly nextCommitted: (after: Offset, signal: AbortSignal) => Promise<readonly Uint8Array[]>
}

/** Runs until `signal` aborts; rejects with `StorageFault('corrupt')` at a record it cannot apply. */
export async function loadMetadata(
  source: CommittedSource,
  publisher: MetadataPublisher,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const before = publisher.current()
    const slices = await source.nextCommitted(before.offset, signal)
    let image = before
    let delta = emptyDelta
    for (const run of runsIn(slices, before.offset)) {
      const applied = applyRecords(image, run.records, run)
      image = applied.image
      delta = mergeDeltas(delta, applied.delta)
    }
    if (image.offset > before.offset) publisher.publish(image, delta)
  }
}

/** Records of one epoch without a gap; a control batch is a run without records that ends at its end. */
interface Run {
  readonly offset: Offset
  readonly epoch: Epoch
  readonly records: MetadataRecord[]
}

/** As few runs as possible: each costs a new image, however little it changes. */
function runsIn(slices: readonly Uint8Array[], after: Offset): readonly Run[] {
  const runs: Run[] = []
  for (const bytes of slices) {
    forEachBatch(bytes, (at) => {
      const end = nextOffset(bytes, at)
      if (end <= after) return
      const epoch = leaderEpoch(bytes, at)
      if (isControl(bytes, at)) {
        runs.push({ offset: end, epoch, records: [] })
        return
      }
      const place = { offset: baseOffset(bytes, at), epoch }
      const last = runs.at(-1)
      const isNext = last?.epoch === epoch && last.offset + last.records.length === place.offset
      if (last !== undefined && isNext) last.records.push(...decodeAll(bytes, at, place))
      else runs.push({ ...place, records: [...decodeAll(bytes, at, place)] })
    })
  }
  return runs
}

function decodeAll(
  bytes: Uint8Array,
  at: number,
  place: { readonly offset: Offset; readonly epoch: Epoch },
): readonly MetadataRecord[] {
  return readRecords(bytes, at).map((view, index) => {
    const decoded = decodeRecord(view.value() ?? new Uint8Array(0))
    if (!decoded.ok) {
      throw new StorageFault(
        'corrupt',
        `metadata log, offset ${place.offset + index}, epoch ${place.epoch}: ${decoded.message}`,
      )
    }
    return decoded.record
  })
}
