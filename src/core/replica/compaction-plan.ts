/**
 * Which segments of a log to compact, and when: pure, from what the log says of its segments.
 *
 *   start ── clean ── cleanedTo ── dirty, old enough, committed ── upTo ── too young ── active ── end
 *
 * Everything below `cleanedTo` was looked at before: one record a key, tombstones aside. Compacting
 * reads the keys of the dirty stretch and rewrites both. Sources: Kafka's log cleaner, KIP-354.
 */
import { offset, type Offset } from '../../base/id.ts'

/** What is known of a segment. */
export interface PlannedSegment {
  readonly base: Offset
  readonly next: Offset
  readonly bytes: number
  /** Of its records, in ms since the Unix epoch. */
  readonly firstTimestampMs: number
  readonly maxTimestampMs: number
  /** It is written to: never compacted. */
  readonly isActive: boolean
}

/** What the plan goes by: the topic's settings and where the log stands. */
export interface CompactionRules {
  readonly cleanedTo: Offset
  /** Nothing at or above it is compacted: it may still be cut off. */
  readonly highWatermark: Offset
  readonly nowMs: number
  readonly minLagMs: number
  readonly maxLagMs: number
  readonly minDirtyRatio: number
}

/** What to compact. */
export interface CompactionPlan {
  /** The stretch whose keys are to be noted. */
  readonly from: Offset
  readonly upTo: Offset
  /** Dirty bytes in all that would be rewritten; the dirtiest log goes first. */
  readonly dirtyRatio: number
}

/** What to compact of a log now, or undefined when it is not worth it yet. */
export function planCompaction(
  segments: readonly PlannedSegment[],
  rules: CompactionRules,
): CompactionPlan | undefined {
  const { cleanedTo, nowMs } = rules
  let cleanBytes = 0
  let dirtyBytes = 0
  let upTo = cleanedTo
  let isOverdue = false
  for (const segment of segments) {
    if (segment.isActive || segment.next > rules.highWatermark) break
    if (segment.next <= cleanedTo) {
      cleanBytes += segment.bytes
      continue
    }
    // Without a least lag, clocks of producers do not count: they may be ahead.
    if (rules.minLagMs > 0 && segment.maxTimestampMs > nowMs - rules.minLagMs) break
    dirtyBytes += segment.bytes
    upTo = segment.next
    isOverdue ||= segment.firstTimestampMs <= nowMs - rules.maxLagMs
  }
  if (upTo <= cleanedTo) return undefined
  const dirtyRatio = dirtyBytes / Math.max(1, cleanBytes + dirtyBytes)
  if (dirtyRatio < rules.minDirtyRatio && !isOverdue) return undefined
  const start = segments[0]?.base ?? cleanedTo
  return { from: offset(Math.max(start, cleanedTo)), upTo, dirtyRatio }
}

/** Neighbours to be rewritten as one segment each, all below `upTo`, oldest first. */
export function groupSegments<S extends { readonly next: Offset; readonly bytes: number }>(
  segments: readonly S[],
  { upTo, segmentBytes }: { readonly upTo: Offset; readonly segmentBytes: number },
): readonly (readonly S[])[] {
  const groups: S[][] = []
  let bytes = 0
  for (const segment of segments) {
    if (segment.next > upTo) break
    const group = groups.at(-1)
    if (group === undefined || bytes + segment.bytes > segmentBytes) {
      groups.push([segment])
      bytes = segment.bytes
    } else {
      group.push(segment)
      bytes += segment.bytes
    }
  }
  return groups
}
