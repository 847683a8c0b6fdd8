/**
 * When all is over: P8, replicas are byte-identical below the high watermark, metadata logs included
 * (compacted ones have the same newest record of each key: each replica compacts by itself); and the final read of each partition for the history, straight from its leader's log.
 */
import { textOf, utf8 } from '../../base/bytes.ts'
import { offset } from '../../base/id.ts'
import { type PartitionRegistration, type MetadataImage } from '../../core/metadata/image/image.ts'
import {
  batchBytes,
  batchHeaderBytes,
  compression,
  forEachBatch,
} from '../../core/record/batch-header.ts'
import { RecordCursor } from '../../core/record/batch-reader.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import { type HistoryEvent, type SeenRecord, type Violation } from '../checker/history.ts'
import { type SimCluster } from '../sim-cluster.ts'
import { simCompressor } from '../sim-compressor.ts'
import { type ClusterShape } from './cluster-shape.ts'
import { isDeletedKey, sentValueOf } from './keyed-values.ts'

const readBytesMax = 65_536
const plainBytesMax = 1_048_576

/** A partition of the workload and its committed state. */
export interface PlacedPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly registration: PartitionRegistration
}

/** What a replica has. */
interface Content {
  readonly host: string
  readonly bytes: Uint8Array
}

/** Every partition of an image. */
export function partitionsOf(image: MetadataImage | undefined): readonly PlacedPartition[] {
  return [...(image?.topics.values() ?? [])].flatMap((topic) =>
    topic.partitions.map((registration, partition) => ({
      topic: topic.name,
      topicId: topic.id,
      partition,
      registration,
    })),
  )
}

/** What there is to look at. */
export interface FinalPlace {
  readonly cluster: SimCluster
  readonly partitions: readonly PlacedPartition[]
  readonly compaction: ClusterShape['compaction']
}

/** Compares all replicas and reads every partition once more. */
export async function checkFinalState(
  { cluster, partitions, compaction }: FinalPlace,
  observe: (event: HistoryEvent) => void,
): Promise<readonly Violation[]> {
  const violations: Violation[] = []
  for (const place of partitions) {
    const name = `${place.topic}-${place.partition}`
    const logs = logsOf(cluster, place)
    const upTo = Math.min(...logs.map(({ log }) => log.endOffset()))
    const contents: Content[] = []
    for (const { host, log } of logs) contents.push({ host, bytes: await contentOf(log, upTo) })
    const compared = compaction === undefined ? contents : await newestIn(contents, compaction)
    violations.push(...differences(name, compared))
    const leader = contents[0]
    if (leader === undefined) violations.push({ rule: 'P8', message: `${name} has no replica` })
    else
      observe({
        type: 'final-read',
        partition: name,
        logStartOffset: logs[0]?.log.startOffset() ?? 0,
        records: await recordsIn(leader.bytes),
      })
  }
  const committed: Content[] = []
  const voters = cluster.nodes.flatMap((node) => cluster.partsOf(node) ?? [])
  const upTo = Math.min(...voters.map(({ quorum }) => quorum.highWatermark()))
  for (const node of cluster.nodes) {
    const log = cluster.partsOf(node)?.metadataLog
    if (log !== undefined) committed.push({ host: node.host, bytes: await contentOf(log, upTo) })
  }
  return [...violations, ...differences('the metadata log', committed)]
}

/** The replicas of a partition, its leader first. */
function logsOf(
  cluster: SimCluster,
  place: PlacedPartition,
): readonly { readonly host: string; readonly log: PartitionLog }[] {
  const { leader, replicas } = place.registration
  const order = [...replicas].sort(
    (left, right) => Number(right === leader) - Number(left === leader),
  )
  return order.flatMap((id) => {
    const node = cluster.nodes.find(({ planned }) => planned.id === id)
    const parts = node && cluster.partsOf(node)
    if (node === undefined || parts === undefined) return []
    const hosted = [...parts.hosted()].find(
      ({ topicId, partition }) => topicId === place.topicId && partition === place.partition,
    )
    return hosted === undefined ? [] : [{ host: node.host, log: hosted.log }]
  })
}

async function contentOf(log: PartitionLog, upTo: number): Promise<Uint8Array> {
  const slices: Uint8Array[] = []
  let from = log.startOffset()
  while (from < upTo) {
    const read = await log.read({ from, upTo: offset(upTo), bytesMax: readBytesMax })
    if (read.nextOffset <= from) break
    slices.push(...read.slices)
    from = read.nextOffset
  }
  const bytes = new Uint8Array(slices.reduce((sum, slice) => sum + slice.length, 0))
  let at = 0
  for (const slice of slices) {
    bytes.set(slice, at)
    at += slice.length
  }
  return bytes
}

/** Offset and value of the newest record of each key: of those alone that are never deleted where tombstones go. */
async function newestIn(
  contents: readonly Content[],
  { tombstonesStay }: NonNullable<ClusterShape['compaction']>,
): Promise<readonly Content[]> {
  return Promise.all(
    contents.map(async ({ host, bytes }) => {
      const newest = new Map<string, string>()
      for (const { key, offset, value } of await recordsIn(bytes))
        if (tombstonesStay || !isDeletedKey(key)) newest.set(key, `${key} @${offset} ${value}`)
      return { host, bytes: utf8([...newest.values()].sort().join('\n')) }
    }),
  )
}

function differences(name: string, contents: readonly Content[]): readonly Violation[] {
  const [first, ...others] = contents
  if (first === undefined) return []
  return others
    .filter(({ bytes }) => !isEqual(bytes, first.bytes))
    .map(({ host, bytes }) => ({
      rule: 'P8',
      message: `${name}: ${host} has ${bytes.length} bytes unlike the ${first.bytes.length} of ${first.host}`,
    }))
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}

interface KeyedRecord extends SeenRecord {
  /** Empty without one. */
  readonly key: string
}

async function recordsIn(bytes: Uint8Array): Promise<readonly KeyedRecord[]> {
  const records: KeyedRecord[] = []
  const starts: number[] = []
  forEachBatch(bytes, (at) => starts.push(at))
  for (const at of starts) {
    const cursor = await cursorAt(bytes, at)
    while (cursor.next()) {
      const view = cursor.view()
      const key = textOf(view.key() ?? new Uint8Array())
      const value = sentValueOf({ value: view.value(), headers: view.headers() })
      records.push({ offset: cursor.offset, key, value })
    }
  }
  return records
}

async function cursorAt(bytes: Uint8Array, at: number): Promise<RecordCursor> {
  const codec = compression(bytes, at)
  if (codec === 'none') return new RecordCursor().open(bytes, at)
  const packed = bytes.subarray(at + batchHeaderBytes, at + batchBytes(bytes, at))
  const plain = await simCompressor().decompress(codec, packed, plainBytesMax)
  return new RecordCursor().openInflated(bytes, at, plain)
}
