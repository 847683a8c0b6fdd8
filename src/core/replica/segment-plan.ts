/**
 * Which segments of a log are too old or too many: the retention of Kafka. Whole segments go, oldest
 * first, none that is not wholly below the high watermark, and a younger one keeps all that follow it.
 */
import { type Offset } from '../../base/id.ts'

/** What is looked at of a segment. */
export interface RetainedSegment {
  readonly base: Offset
  readonly next: Offset
  readonly bytes: number
  /** -1 when no record has a time: then only the size counts. */
  readonly maxTimestampMs: number
}

/** How long and how much a log keeps; -1: no bound. */
export interface Retention {
  readonly retentionMs: number
  readonly retentionBytes: number
  /** Nothing goes that is not below it. */
  readonly highWatermark: Offset
  readonly nowMs: number
}

/** Where the log is to start from now on; undefined when everything stays. `segments` are oldest first. */
export function planRetention(
  segments: readonly RetainedSegment[],
  { retentionMs, retentionBytes, highWatermark, nowMs }: Retention,
): Offset | undefined {
  let extraBytes = -retentionBytes
  for (const { bytes } of segments) extraBytes += bytes
  let start: Offset | undefined
  for (const { next, bytes, maxTimestampMs } of segments) {
    const isOld = retentionMs >= 0 && maxTimestampMs >= 0 && nowMs - maxTimestampMs > retentionMs
    const isTooMuch = retentionBytes >= 0 && extraBytes >= bytes
    if (next > highWatermark || !(isOld || isTooMuch)) break
    start = next
    extraBytes -= bytes
  }
  return start
}
