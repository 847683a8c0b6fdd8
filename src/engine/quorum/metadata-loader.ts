/**
 * Replays the committed metadata log into images and publishes each. What one read brought becomes
 * one image, so that a node that catches up publishes few. Stops, loudly, at a record that this build
 * does not know: running on a wrong image would be worse than not running.
 */
import { type Epoch, type Offset } from '../../base/id.ts'
import { applyRecords } from '../../core/metadata/delta/apply.ts'
import { emptyDelta, mergeDeltas, type MetadataDelta } from '../../core/metadata/delta/delta.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
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
    const batches = await source.nextCommitted(before.offset, signal)
    let image = before
    let delta = emptyDelta
    for (const bytes of batches) {
      const applied = applyRun(image, bytes)
      image = applied.image
      delta = mergeDeltas(delta, applied.delta)
    }
    if (image.offset > before.offset) publisher.publish(image, delta)
  }
}

function applyRun(
  from: MetadataImage,
  bytes: Uint8Array,
): { readonly image: MetadataImage; readonly delta: MetadataDelta } {
  let image = from
  let delta = emptyDelta
  forEachBatch(bytes, (at) => {
    if (nextOffset(bytes, at) <= image.offset) return
    const place = { epoch: leaderEpoch(bytes, at), offset: baseOffset(bytes, at) }
    const applied = isControl(bytes, at)
      ? applyRecords(image, [], { ...place, offset: nextOffset(bytes, at) })
      : applyRecords(image, decodeAll(bytes, at, place), place)
    image = applied.image
    delta = mergeDeltas(delta, applied.delta)
  })
  return { image, delta }
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
