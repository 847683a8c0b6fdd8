/**
 * Offsets by position or time, from partitions led here. A leader that does not know its high
 * watermark yet (it has not passed the start of its epoch) would tell an end that goes back; it
 * refuses instead (KIP-207).
 */
import { epoch, offset } from '../../../base/id.ts'
import { type ErrorCode, type Outcome } from '../../../core/api/error-code.ts'
import {
  type ListedOffset,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type OffsetQuestion,
} from '../../../core/api/list-offsets.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { StorageFault } from '../../ports/fault.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'
import { type RecordTime } from '../time-lookup.ts'
import { knowsEnd, leaderRefusal } from './leader-refusal.ts'

type Asked = ListOffsetsRequest['partitions'][number]

interface Refused {
  readonly code: ErrorCode
  readonly message: string
}

/** Answers where offsets are. */
export async function listOffsets(
  parts: BrokerParts,
  request: ListOffsetsRequest,
  { deadlineAtMs }: RequestContext,
): Promise<Outcome<ListOffsetsResponse>> {
  const partitions: ListedOffset[] = []
  for (const asked of request.partitions) partitions.push(await answer(parts, asked, deadlineAtMs))
  return { ok: true, value: { partitions } }
}

async function answer(
  parts: BrokerParts,
  asked: Asked,
  deadlineAtMs: number,
): Promise<ListedOffset> {
  const { topicId, partition } = asked
  const hosted = parts.replicas.find(asked)
  const code = refusalOf(parts, hosted, asked)
  const leaderEpoch = hosted?.state.registration()?.leaderEpoch ?? epoch(0)
  const highWatermark = hosted?.state.highWatermark() ?? offset(0)
  const common = { topicId, partition, leaderEpoch, highWatermark }
  if (code !== undefined || hosted === undefined) {
    const message = `${hosted?.topicName ?? topicId}-${partition} cannot say`
    return { ...common, error: { code: code ?? 'UNKNOWN_TOPIC_OR_PARTITION', message } }
  }
  const found = await find(parts, hosted, { question: asked.question, deadlineAtMs })
  return 'code' in found ? { ...common, error: found } : { ...common, ...found }
}

function refusalOf(
  parts: BrokerParts,
  hosted: HostedPartition | undefined,
  asked: Asked,
): ErrorCode | undefined {
  if (hosted === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
  const code = leaderRefusal(parts, hosted, asked.leaderEpoch)
  if (code !== undefined) return code
  const canSay = asked.question.type === 'earliest' || knowsEnd(hosted)
  return canSay ? undefined : 'LEADER_NOT_AVAILABLE'
}

/** Where it is, with its time when it was looked for by time; or why that cannot be said now. */
async function find(
  parts: BrokerParts,
  hosted: HostedPartition,
  wanted: { readonly question: OffsetQuestion; readonly deadlineAtMs: number },
): Promise<Partial<RecordTime> | Refused> {
  const { question, deadlineAtMs } = wanted
  const upTo = hosted.state.highWatermark()
  if (question.type === 'earliest') return { offset: hosted.log.startOffset() }
  if (question.type === 'latest') return { offset: upTo }
  const bound = { upTo, deadlineAtMs }
  try {
    const found =
      question.type === 'max-timestamp'
        ? await parts.times.greatest(hosted.log, bound)
        : await parts.times.firstAt(hosted.log, question.timestampMs, bound)
    if (found === 'none') return {}
    if (found !== 'late') return { offset: found.offset, timestampMs: found.timestampMs }
    const message = `${nameOf(hosted)}: batches claim times that their records do not have, too many to open in time: read by offset`
    return { code: 'REQUEST_TIMED_OUT', message }
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    const message = `${nameOf(hosted)}: ${cause.message}`
    // Dropped while it was looked through.
    if (cause.code === 'not-found') return { code: 'NOT_READY', message }
    parts.storage.readFailed(hosted, cause)
    return { code: 'KAFKA_STORAGE_ERROR', message }
  }
}

function nameOf({ topicName, partition }: HostedPartition): string {
  return `${topicName}-${partition}`
}
