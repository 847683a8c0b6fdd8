/**
 * Deletes records from the start of partitions led here (KIP-107): the log's start moves, never past
 * the high watermark, and the answer waits until the in-sync replicas have taken it, as long as the
 * caller does.
 */
import { offset, type Offset } from '../../../base/id.ts'
import {
  type DeletedRecords,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from '../../../core/api/delete-records.ts'
import { refuse, type ErrorCode, type Outcome } from '../../../core/api/error-code.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { StorageFault } from '../../ports/fault.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'
import { knowsEnd, leaderRefusal } from './leader-refusal.ts'

type Asked = DeleteRecordsRequest['partitions'][number]
type Failure = NonNullable<DeletedRecords['error']>

/** Deletes, and waits for the in-sync replicas. */
export async function deleteRecords(
  parts: BrokerParts,
  request: DeleteRecordsRequest,
  context: RequestContext,
): Promise<Outcome<DeleteRecordsResponse>> {
  const { clock } = parts.ports
  const deadlineAtMs = Math.min(context.deadlineAtMs, clock.nowMs() + request.waitMsMax)
  if (!parts.purgatory.hasRoom()) return refuse('THROTTLED', 'too many requests wait here')
  const partitions = await Promise.all(
    request.partitions.map(async (asked) => {
      const { topicId, partition } = asked
      const hosted = parts.replicas.find(asked)
      const error =
        hosted === undefined
          ? failure('UNKNOWN_TOPIC_OR_PARTITION', `${topicId}-${partition} is not hosted here`)
          : await deleteFrom(parts, hosted, { asked, until: { ...context, deadlineAtMs } })
      const lowWatermark = hosted?.state.leader()?.lowWatermark() ?? offset(0)
      return { topicId, partition, lowWatermark, ...(error !== undefined && { error }) }
    }),
  )
  return { ok: true, value: { partitions } }
}

async function deleteFrom(
  parts: BrokerParts,
  hosted: HostedPartition,
  call: { readonly asked: Asked; readonly until: RequestContext },
): Promise<Failure | undefined> {
  const refused = refusalOf(parts, hosted, call.asked)
  if (refused !== undefined) return refused
  const { before } = call.asked
  const start = before === 'high-watermark' ? hosted.state.highWatermark() : before
  const from = hosted.log.startOffset()
  if (start > from) {
    try {
      if (!(await hosted.startAt(start)))
        return failure('NOT_LEADER_OR_FOLLOWER', `${nameOf(hosted)} is changing hands or directory`)
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      return failure('KAFKA_STORAGE_ERROR', `${nameOf(hosted)}: ${cause.message}`)
    }
    const where = { topic: hosted.topicName, partition: hosted.partition, from, to: start }
    parts.ports.telemetry.log('info', 'records-deleted', where)
    parts.announcer.moved(hosted)
    parts.announcer.flush()
  }
  return takenInSync(parts, hosted, { start, until: call.until })
}

function refusalOf(
  parts: BrokerParts,
  hosted: HostedPartition,
  { before }: Asked,
): Failure | undefined {
  const name = nameOf(hosted)
  const code = leaderRefusal(parts, hosted)
  if (code !== undefined) return failure(code, `${name} is not led here`)
  if (!hosted.config()['cleanup.policy'].includes('delete'))
    return failure(
      'POLICY_VIOLATION',
      `${name} keeps the newest record of each key: its cleanup.policy is compact, without delete`,
    )
  if (!knowsEnd(hosted)) return failure('LEADER_NOT_AVAILABLE', `${name} does not know its end yet`)
  const highWatermark = hosted.state.highWatermark()
  if (before !== 'high-watermark' && before > highWatermark)
    return failure(
      'OFFSET_OUT_OF_RANGE',
      `${name} ends at ${highWatermark} for readers: nothing from there on can be deleted, ${before} was asked for`,
    )
  return undefined
}

/** Waits until no in-sync replica has anything below `start`. */
async function takenInSync(
  { purgatory }: BrokerParts,
  hosted: HostedPartition,
  { start, until }: { readonly start: Offset; readonly until: RequestContext },
): Promise<Failure | undefined> {
  const left = (): Failure | undefined => {
    const leader = hosted.state.leader()
    if (leader === undefined)
      return failure('UNKNOWN_OUTCOME', `${nameOf(hosted)} is not led here any more`)
    if (leader.lowWatermark() >= start) return undefined
    return failure('REQUEST_TIMED_OUT', `${nameOf(hosted)}: an in-sync replica has not deleted yet`)
  }
  const isOver = (): boolean => left()?.code !== 'REQUEST_TIMED_OUT'
  if (isOver()) return left()
  return new Promise((resolve) => {
    purgatory.parkLook({
      partitions: [hosted],
      deadlineAtMs: until.deadlineAtMs,
      ...(until.signal !== undefined && { signal: until.signal }),
      look: () => {
        if (!isOver()) return false
        resolve(left())
        return true
      },
      late: () => {
        resolve(left())
      },
    })
  })
}

function nameOf({ topicName, partition }: HostedPartition): string {
  return `${topicName}-${partition}`
}

function failure(code: ErrorCode, message: string): Failure {
  return { code, message }
}
