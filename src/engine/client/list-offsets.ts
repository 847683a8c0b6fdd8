/** Asks partition leaders for offsets: one try, grouped by leader; callers decide about the next. */
import { type NodeId, type Offset } from '../../base/id.ts'
import { type ErrorCode } from '../../core/api/error-code.ts'
import { type ListOffsetsResponse, type OffsetQuestion } from '../../core/api/list-offsets.ts'
import { TransportFault } from '../ports/fault.ts'
import { type RequestOptions } from '../ports/transport.ts'
import { type ClusterView } from './cluster-view.ts'

/** What to ask about one partition. */
export interface OffsetInquiry {
  readonly topic: string
  readonly partition: number
  readonly question: OffsetQuestion
}

/** The answer; without an offset no record is that late. */
export type OffsetFinding =
  | {
      readonly ok: true
      readonly offset: Offset | undefined
      readonly timestampMs: number | undefined
      readonly highWatermark: Offset
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string }

/** One finding an inquiry, in order. Rejects only when cancelled. */
export async function askOffsets(
  cluster: ClusterView,
  inquiries: readonly OffsetInquiry[],
  options: RequestOptions,
): Promise<readonly OffsetFinding[]> {
  const findings = inquiries.map((inquiry): OffsetFinding => noLeader(inquiry))
  const byLeader = new Map<NodeId, number[]>()
  for (const [index, { topic, partition }] of inquiries.entries()) {
    const leader = cluster.cache.leaderOf(topic, partition)?.leader
    if (leader === undefined) continue
    const indexes = byLeader.get(leader)
    if (indexes === undefined) byLeader.set(leader, [index])
    else indexes.push(index)
  }
  const asked = Array.from(byLeader, async ([leader, indexes]) => {
    const answers = await askLeader(cluster, leader, {
      inquiries: indexes.map((index) => inquiries[index]).filter((found) => found !== undefined),
      options,
    })
    for (const [at, index] of indexes.entries()) {
      const answer = answers[at]
      if (answer !== undefined) findings[index] = answer
    }
  })
  await Promise.all(asked)
  return findings
}

async function askLeader(
  cluster: ClusterView,
  leader: NodeId,
  ask: { readonly inquiries: readonly OffsetInquiry[]; readonly options: RequestOptions },
): Promise<readonly OffsetFinding[]> {
  const partitions = ask.inquiries.flatMap(({ topic, partition, question }) => {
    const known = cluster.cache.leaderOf(topic, partition)
    const description = cluster.cache.topic(topic)?.partitions[partition]
    if (known === undefined || description === undefined) return []
    return [{ topicId: known.topicId, partition: description.partition, question }]
  })
  const all = (code: ErrorCode, message: string): readonly OffsetFinding[] =>
    ask.inquiries.map(() => ({ ok: false, code, message }))
  try {
    const outcome = await cluster.request(leader, 'list-offsets', { partitions }, ask.options)
    if (!outcome.ok) return all(outcome.code, outcome.message)
    return outcome.value.partitions.map(findingOf)
  } catch (cause) {
    if (!(cause instanceof TransportFault) || cause.code === 'cancelled') throw cause
    return all('BROKER_NOT_AVAILABLE', cause.message)
  }
}

function findingOf(answer: ListOffsetsResponse['partitions'][number]): OffsetFinding {
  if (answer.error !== undefined) return { ok: false, ...answer.error }
  const { offset, timestampMs, highWatermark } = answer
  return { ok: true, offset, timestampMs, highWatermark }
}

function noLeader(inquiry: OffsetInquiry): OffsetFinding {
  const message = `${inquiry.topic}-${inquiry.partition} has no leader now`
  return { ok: false, code: 'LEADER_NOT_AVAILABLE', message }
}
