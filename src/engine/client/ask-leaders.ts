/** Asks the leaders of some partitions something: one try, one request a leader; callers decide about the next. */
import { type NodeId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { refuse, type ErrorCode, type Outcome, type Refusal } from '../../core/api/error-code.ts'
import { TransportFault } from '../ports/fault.ts'
import { type ClusterView } from './cluster-view.ts'

/** What is asked about one partition. */
export interface Inquiry {
  readonly topic: string
  readonly partition: number
}

/** A partition as requests name it. */
export interface Place {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
}

/** An inquiry with the partition's name in requests. */
export type Located<I> = I & { readonly place: Place }

/** Sends the inquiries of one leader in one request. */
export type AskLeader<I, T> = (
  leader: NodeId,
  inquiries: readonly Located<I>[],
) => Promise<Outcome<readonly Outcome<T>[]>>

/** One answer an inquiry, in order. A fault that is not a cancellation becomes `onFault`. Rejects when cancelled. */
export async function askLeaders<I extends Inquiry, T>(
  cluster: ClusterView,
  inquiries: readonly I[],
  { ask, onFault }: { readonly ask: AskLeader<I, T>; readonly onFault: ErrorCode },
): Promise<readonly Outcome<T>[]> {
  const answers = inquiries.map((inquiry): Outcome<T> => noLeader(inquiry))
  const byLeader = new Map<NodeId, { readonly index: number; readonly inquiry: Located<I> }[]>()
  for (const [index, inquiry] of inquiries.entries()) {
    const known = cluster.cache.leaderOf(inquiry.topic, inquiry.partition)
    const described = cluster.cache.topic(inquiry.topic)?.partitions[inquiry.partition]
    if (known?.leader === undefined || described === undefined) continue
    const place = { topicId: known.topicId, partition: described.partition }
    const of = byLeader.get(known.leader) ?? []
    of.push({ index, inquiry: { ...inquiry, place } })
    byLeader.set(known.leader, of)
  }
  const asked = Array.from(byLeader, async ([leader, those]) => {
    const outcome = await askOne(leader, {
      those: those.map(({ inquiry }) => inquiry),
      ask,
      onFault,
    })
    for (const [at, { index }] of those.entries()) {
      const answer = outcome.ok ? outcome.value[at] : outcome
      if (answer !== undefined) answers[index] = answer
    }
  })
  await Promise.all(asked)
  return answers
}

async function askOne<I, T>(
  leader: NodeId,
  call: {
    readonly those: readonly Located<I>[]
    readonly ask: AskLeader<I, T>
    readonly onFault: ErrorCode
  },
): Promise<Outcome<readonly Outcome<T>[]>> {
  try {
    return await call.ask(leader, call.those)
  } catch (cause) {
    if (!(cause instanceof TransportFault) || cause.code === 'cancelled') throw cause
    return refuse(call.onFault, cause.message)
  }
}

function noLeader({ topic, partition }: Inquiry): Refusal {
  return refuse('LEADER_NOT_AVAILABLE', `${topic}-${partition} has no leader now`)
}
