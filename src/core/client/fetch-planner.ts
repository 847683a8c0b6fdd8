/**
 * Which partitions a consumer asks which broker for, and in which company. Partitions that are
 * behind get requests of their own, a few at a time, so that a full answer of one does not hold up
 * the others; partitions that have caught up share one long poll per broker. When several of those
 * polls are parked, they are cancelled and made one.
 *
 * While an answer's worth waits to be handed over, nothing more is asked for: a consumer that is the
 * slower side gains nothing from what lies there, and memory that grew old costs V8 full collections.
 */
import { type NodeId } from '../../base/id.ts'
import { type PartitionReader } from './partition-reader.ts'

/** Bounds of one consumer. */
export interface FetchBounds {
  /** Most bytes of one answer. */
  readonly fetchBytesMax: number
  /** Memory for what is fetched and not handed over. */
  readonly bufferBytesMax: number
}

/** A request that is in flight. */
export interface FetchInFlight {
  readonly broker: NodeId
  readonly isHot: boolean
}

/** Partitions to ask one broker for in one request. */
export interface FetchGroup {
  readonly broker: NodeId
  /** Whether there is certainly something to answer. */
  readonly isHot: boolean
  readonly readers: readonly PartitionReader[]
}

/** What to do now. */
export interface FetchPlan {
  readonly groups: readonly FetchGroup[]
  /** Brokers whose parked polls should be cancelled, so that they can be made one. */
  readonly cancels: readonly NodeId[]
  /** When a partition that failed may be tried again. */
  readonly wakeAtMs: number
}

const hotCountMax = 4
const coldCountMax = 4

/** Plans the next fetches. `leaderOf` knows who leads, and gives a reader without a leader its `retryAtMs`. */
export function planFetches(input: {
  readonly readers: Iterable<PartitionReader>
  readonly leaderOf: (reader: PartitionReader) => NodeId | undefined
  readonly inFlight: Iterable<FetchInFlight>
  readonly bounds: FetchBounds
  readonly nowMs: number
}): FetchPlan {
  const { bounds, nowMs } = input
  let bufferedBytes = 0
  let aheadBytes = 0
  let wakeAtMs = Infinity
  const wanted = new Map<NodeId, { hot: PartitionReader[]; cold: PartitionReader[] }>()
  for (const reader of input.readers) {
    bufferedBytes += reader.bufferedBytes
    if (!reader.isPaused) aheadBytes += reader.bufferedBytes
    if (!isWanted(reader, bounds)) continue
    if (reader.retryAtMs > nowMs) {
      wakeAtMs = Math.min(wakeAtMs, reader.retryAtMs)
      continue
    }
    const leader = input.leaderOf(reader)
    if (leader === undefined) {
      if (reader.retryAtMs > nowMs) wakeAtMs = Math.min(wakeAtMs, reader.retryAtMs)
      continue
    }
    let lists = wanted.get(leader)
    if (lists === undefined) wanted.set(leader, (lists = { hot: [], cold: [] }))
    lists[reader.isBehind ? 'hot' : 'cold'].push(reader)
  }
  const counts = new Map<NodeId, { hot: number; cold: number }>()
  for (const { broker, isHot } of input.inFlight) {
    const count = counts.get(broker) ?? { hot: 0, cold: 0 }
    counts.set(broker, count)
    count[isHot ? 'hot' : 'cold'] += 1
    if (isHot) bufferedBytes += bounds.fetchBytesMax
  }
  const groups: FetchGroup[] = []
  const cancels: NodeId[] = []
  for (const [broker, { hot, cold }] of wanted) {
    const count = counts.get(broker)
    for (const readers of spread(hot, hotCountMax - (count?.hot ?? 0))) {
      if (aheadBytes >= bounds.fetchBytesMax) break
      if (bufferedBytes > 0 && bufferedBytes + bounds.fetchBytesMax > bounds.bufferBytesMax) break
      bufferedBytes += bounds.fetchBytesMax
      groups.push({ broker, isHot: true, readers })
    }
    if (cold.length === 0) continue
    if ((count?.cold ?? 0) < coldCountMax) groups.push({ broker, isHot: false, readers: cold })
    else cancels.push(broker)
  }
  return { groups, cancels, wakeAtMs }
}

function isWanted(reader: PartitionReader, bounds: FetchBounds): boolean {
  return (
    !reader.isInFlight &&
    !reader.isPaused &&
    reader.fetchOffset !== undefined &&
    reader.bufferedBytes < bounds.fetchBytesMax
  )
}

/** The items in at most `count` lists of about the same length. */
function spread<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  const width = Math.min(count, items.length)
  if (width <= 0) return []
  return Array.from({ length: width }, (_, list) =>
    items.filter((_item, at) => at % width === list),
  )
}
