/** Asks partition leaders to delete records: one try; callers decide about the next. */
import { offset, type Offset } from '../../base/id.ts'
import { type Outcome } from '../../core/api/error-code.ts'
import { type DeletedRecords } from '../../core/api/delete-records.ts'
import { type RequestOptions } from '../ports/transport.ts'
import { askLeaders, type Inquiry } from './ask-leaders.ts'
import { type ClusterView } from './cluster-view.ts'

/** What to delete of one partition: everything below an offset, or all that readers see now. */
export interface Deletion extends Inquiry {
  readonly before: number | 'end'
}

/** The low watermark after each deletion, in order. Rejects only when cancelled. */
export async function askDeletions(
  cluster: ClusterView,
  deletions: readonly Deletion[],
  options: RequestOptions & { readonly waitMsMax: number },
): Promise<readonly Outcome<Offset>[]> {
  return askLeaders(cluster, deletions, {
    // Nobody knows whether the leader did it.
    onFault: 'UNKNOWN_OUTCOME',
    ask: async (leader, those) => {
      const partitions = those.map(({ place, before }) => ({
        ...place,
        before: before === 'end' ? ('high-watermark' as const) : offset(before),
      }))
      const request = { partitions, waitMsMax: options.waitMsMax }
      const outcome = await cluster.request(leader, 'delete-records', request, options)
      return outcome.ok ? { ok: true, value: outcome.value.partitions.map(findingOf) } : outcome
    },
  })
}

function findingOf({ error, lowWatermark }: DeletedRecords): Outcome<Offset> {
  return error === undefined ? { ok: true, value: lowWatermark } : { ok: false, ...error }
}
