/** Asks partition leaders for offsets: one try; callers decide about the next. */
import { type Offset } from '../../base/id.ts'
import { type Outcome } from '../../core/api/error-code.ts'
import { type ListedOffset, type OffsetQuestion } from '../../core/api/list-offsets.ts'
import { type RequestOptions } from '../ports/transport.ts'
import { askLeaders, type Inquiry } from './ask-leaders.ts'
import { type ClusterView } from './cluster-view.ts'

/** What to ask about one partition. */
export interface OffsetInquiry extends Inquiry {
  readonly question: OffsetQuestion
}

/** The answer; without an offset no record is that late. */
export interface FoundOffset {
  readonly offset: Offset | undefined
  readonly timestampMs: number | undefined
  readonly highWatermark: Offset
}

/** One finding an inquiry, in order. Rejects only when cancelled. */
export async function askOffsets(
  cluster: ClusterView,
  inquiries: readonly OffsetInquiry[],
  options: RequestOptions,
): Promise<readonly Outcome<FoundOffset>[]> {
  return askLeaders(cluster, inquiries, {
    onFault: 'BROKER_NOT_AVAILABLE',
    ask: async (leader, those) => {
      const partitions = those.map(({ place, question }) => ({ ...place, question }))
      const outcome = await cluster.request(leader, 'list-offsets', { partitions }, options)
      return outcome.ok ? { ok: true, value: outcome.value.partitions.map(findingOf) } : outcome
    },
  })
}

function findingOf(answer: ListedOffset): Outcome<FoundOffset> {
  const { error, offset, timestampMs, highWatermark } = answer
  if (error !== undefined) return { ok: false, ...error }
  return { ok: true, value: { offset, timestampMs, highWatermark } }
}
