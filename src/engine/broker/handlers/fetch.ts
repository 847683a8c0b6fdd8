/**
 * Fetch for clients: committed batches of partitions led here, below the high watermark only. A long
 * poll is parked and looked at again whenever one of its partitions moved; its own deadline ends it.
 */
import { offset, type Offset } from '../../../base/id.ts'
import { type ErrorCode, type Outcome } from '../../../core/api/error-code.ts'
import {
  type FetchRequest,
  type FetchResponse,
  type PartitionFetch,
  type PartitionFetched,
} from '../../../core/api/fetch.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { dynamicSetting } from '../../../core/config/effective-config.ts'
import { hasNewsForClient } from '../../../core/replica/delayed.ts'
import { StorageFault } from '../../ports/fault.ts'
import { type LogRead } from '../../storage/partition-log.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'

/** Answers a client's fetch. */
export async function fetch(
  parts: BrokerParts,
  request: FetchRequest,
  context: RequestContext,
): Promise<Outcome<FetchResponse>> {
  const deadlineAtMs = Math.min(context.deadlineAtMs, parts.ports.clock.nowMs() + request.waitMsMax)
  const mayWait = parts.purgatory.hasRoom()
  for (;;) {
    const seen = seenNow(parts, request)
    const partitions = await readAll(parts, request)
    const isOver = context.signal?.aborted === true || parts.ports.clock.nowMs() >= deadlineAtMs
    if (isOver || !mayWait || isEnough(partitions, request)) {
      return { ok: true, value: { partitions } }
    }
    const isInTime = await waitForNews(parts, { seen, signal: context.signal, deadlineAtMs })
    if (!isInTime) return { ok: true, value: { partitions: await readAll(parts, request) } }
  }
}

/** Up to where each partition could be read before it was: what comes later is news. */
function seenNow(parts: BrokerParts, request: FetchRequest): ReadonlyMap<HostedPartition, Offset> {
  const seen = new Map<HostedPartition, Offset>()
  for (const entry of request.partitions) {
    const hosted = parts.replicas.find(entry)
    if (hosted === undefined) continue
    const highWatermark = hosted.state.highWatermark()
    seen.set(hosted, entry.fetchOffset > highWatermark ? entry.fetchOffset : highWatermark)
  }
  return seen
}

/** Errors are told at once; records when there are as many bytes as asked for. */
function isEnough(partitions: readonly PartitionFetched[], request: FetchRequest): boolean {
  let bytes = 0
  for (const { error, records } of partitions) {
    if (error !== undefined) return true
    for (const slice of records) bytes += slice.length
  }
  return bytes >= request.bytesMin
}

/** True when there is more than was seen; false at the deadline or when nobody waits any more. */
async function waitForNews(
  parts: BrokerParts,
  wait: {
    readonly seen: ReadonlyMap<HostedPartition, Offset>
    readonly signal: AbortSignal | undefined
    readonly deadlineAtMs: number
  },
): Promise<boolean> {
  const { seen, signal, deadlineAtMs } = wait
  const isNews = (hosted: HostedPartition): boolean =>
    hasNewsForClient(hosted.state, seen.get(hosted) ?? offset(0))
  if ([...seen.keys()].some(isNews)) return true
  return new Promise((resolve) => {
    parts.purgatory.parkLook({
      partitions: [...seen.keys()],
      deadlineAtMs,
      ...(signal !== undefined && { signal }),
      look: (hosted) => {
        if (!isNews(hosted)) return false
        resolve(true)
        return true
      },
      late: () => {
        resolve(false)
      },
    })
  })
}

async function readAll(
  parts: BrokerParts,
  request: FetchRequest,
): Promise<readonly PartitionFetched[]> {
  const fetchBytesMax = dynamicSetting(parts.metadata.current(), parts.viewer, 'fetch.max.bytes')
  let bytesLeft = Math.min(request.bytesMax, fetchBytesMax)
  const fetched: PartitionFetched[] = []
  for (const entry of request.partitions) {
    const hosted = parts.replicas.find(entry)
    const refused = refusalOf(parts, hosted, entry)
    if (refused !== undefined || hosted === undefined) {
      fetched.push(
        fetchedOf(entry, { ...(hosted && { hosted }), ...(refused && { error: refused }) }),
      )
      continue
    }
    if (bytesLeft <= 0 || hosted.state.highWatermark() <= entry.fetchOffset) continue
    const read = await readOne(parts, hosted, { entry, bytesMax: bytesLeft })
    if ('code' in read) {
      fetched.push(fetchedOf(entry, { hosted, error: read }))
      continue
    }
    if (read.slices.length === 0) continue
    bytesLeft -= read.bytes
    fetched.push(fetchedOf(entry, { hosted, records: read.slices }))
  }
  return fetched
}

interface Refused {
  readonly code: ErrorCode
  readonly message: string
}

async function readOne(
  parts: BrokerParts,
  hosted: HostedPartition,
  what: { readonly entry: PartitionFetch; readonly bytesMax: number },
): Promise<LogRead | Refused> {
  const { entry, bytesMax } = what
  try {
    const read = hosted.log.read({
      from: entry.fetchOffset,
      upTo: hosted.state.highWatermark(),
      bytesMax: Math.min(bytesMax, entry.bytesMax),
      provesBodies: entry.isSuspect === true,
    })
    return read instanceof Promise ? await read : read
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    parts.storage.readFailed(hosted, cause)
    return { code: 'KAFKA_STORAGE_ERROR', message: cause.message }
  }
}

function refusalOf(
  parts: BrokerParts,
  hosted: HostedPartition | undefined,
  entry: PartitionFetch,
): Refused | undefined {
  if (hosted === undefined) {
    const message = `${entry.topicId}-${entry.partition} is not here`
    return { code: 'UNKNOWN_TOPIC_OR_PARTITION', message }
  }
  const name = `${hosted.topicName}-${hosted.partition}`
  const verdict = hosted.state.checkEpoch(entry.leaderEpoch)
  if (verdict !== 'right') return { code: verdict, message: `${name} is not led here as asked` }
  if (!parts.standing.isServing()) {
    return { code: 'NOT_LEADER_OR_FOLLOWER', message: `broker ${parts.identity.nodeId} is fenced` }
  }
  const [start, end] = [hosted.log.startOffset(), hosted.log.endOffset()]
  // Between the high watermark and the end lies what is not committed yet: a reader there waits.
  if (entry.fetchOffset >= start && entry.fetchOffset <= end) return undefined
  const message = `${name} has offsets ${start} to ${end}, not ${entry.fetchOffset}`
  return { code: 'OFFSET_OUT_OF_RANGE', message }
}

function fetchedOf(
  entry: PartitionFetch,
  outcome: {
    readonly hosted?: HostedPartition
    readonly error?: Refused
    readonly records?: readonly Uint8Array[]
  },
): PartitionFetched {
  const { hosted, error, records } = outcome
  const highWatermark = hosted?.state.highWatermark() ?? offset(0)
  return {
    topicId: entry.topicId,
    partition: entry.partition,
    ...(error !== undefined && { error }),
    highWatermark,
    lastStableOffset: highWatermark,
    logStartOffset: hosted?.log.startOffset() ?? offset(0),
    records: records ?? [],
  }
}
