/**
 * Offsets by position or time, from partitions led here. A leader that does not know its high
 * watermark yet (it has not passed the start of its epoch) would tell an end that goes back; it
 * refuses instead (KIP-207).
 */
import { epoch, offset, type Offset } from '../../../base/id.ts'
import { type ErrorCode, type Outcome } from '../../../core/api/error-code.ts'
import {
  type ListedOffset,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  type OffsetQuestion,
} from '../../../core/api/list-offsets.ts'
import { unreachable } from '../../../base/assert.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'

type Asked = ListOffsetsRequest['partitions'][number]

/** Answers where offsets are. */
export async function listOffsets(
  parts: BrokerParts,
  request: ListOffsetsRequest,
): Promise<Outcome<ListOffsetsResponse>> {
  const partitions: ListedOffset[] = []
  for (const asked of request.partitions) partitions.push(await answer(parts, asked))
  return { ok: true, value: { partitions } }
}

async function answer(parts: BrokerParts, asked: Asked): Promise<ListedOffset> {
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
  const found = await find(hosted, asked.question)
  return { ...common, ...(found !== undefined && { offset: found }) }
}

function refusalOf(
  parts: BrokerParts,
  hosted: HostedPartition | undefined,
  asked: Asked,
): ErrorCode | undefined {
  if (hosted === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION'
  const verdict = hosted.state.checkEpoch(asked.leaderEpoch)
  if (verdict !== 'right') return verdict
  if (!parts.standing.isServing()) return 'NOT_LEADER_OR_FOLLOWER'
  const leader = hosted.state.leader()
  const knowsEnd = leader !== undefined && leader.highWatermark() >= leader.epochStartOffset
  return asked.question.type === 'earliest' || knowsEnd ? undefined : 'LEADER_NOT_AVAILABLE'
}

async function find(
  hosted: HostedPartition,
  question: OffsetQuestion,
): Promise<Offset | undefined> {
  switch (question.type) {
    case 'earliest':
      return hosted.log.startOffset()
    case 'latest':
      return hosted.state.highWatermark()
    case 'at-time': {
      const found = await hosted.log.offsetAtTime(question.timestampMs)
      return found !== undefined && found.offset < hosted.state.highWatermark()
        ? found.offset
        : undefined
    }
    default:
      return unreachable(question)
  }
}
