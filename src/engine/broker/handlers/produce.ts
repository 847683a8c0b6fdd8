/**
 * Produce: checks each entry's batches by header and CRC, gives them their place in the log, appends
 * them, and waits as `acks` says. Nothing is done per record, and nothing is awaited before the last
 * entry is appended, so that appends of a partition keep the order in which requests arrive; entries
 * that must be given their topic's codec first keep it too (`repacker.ts`). What a producer sends again
 * is not appended again: it waits with the first and gets its offset.
 */
import { offset, type Epoch, type Offset } from '../../../base/id.ts'
import { refuse, type ErrorCode, type Outcome } from '../../../core/api/error-code.ts'
import {
  type Acks,
  type PartitionProduce,
  type PartitionProduced,
  type ProduceRequest,
  type ProduceResponse,
} from '../../../core/api/produce.ts'
import { type RequestContext } from '../../../core/api/request-context.ts'
import { forEachBatch, nextOffset, stampBatch } from '../../../core/record/batch-header.ts'
import { validateClaim } from '../../../core/record/validate.ts'
import { claimOf } from '../../../core/replica/producer-state.ts'
import { stampAppendTime } from '../../../core/replica/append-time.ts'
import { lateAppendCode } from '../../../core/replica/delayed.ts'
import { type Leader } from '../../../core/replica/leader.ts'
import { type BrokerParts } from '../broker-parts.ts'
import { type HostedPartition } from '../hosted-partition.ts'
import { type AppendEnd } from '../purgatory.ts'
import { claimLimitsOf, type RepackFor } from '../repacker.ts'

interface Refused {
  readonly code: ErrorCode
  readonly message: string
}

interface Appended {
  readonly hosted: HostedPartition
  readonly leaderEpoch: Epoch
  readonly baseOffset: Offset
  readonly endOffset: Offset
  readonly logAppendTimeMs: number | undefined
}

/** One request being answered. */
interface ProduceRun {
  readonly parts: BrokerParts
  readonly acks: Acks
  readonly deadlineAtMs: number
  readonly answers: PartitionProduced[]
}

/** An entry in the log, by its place in the request. */
interface Placed {
  readonly index: number
  readonly append: Appended
}

/** Answers a produce. */
export async function produce(
  parts: BrokerParts,
  request: ProduceRequest,
  context: RequestContext,
): Promise<Outcome<ProduceResponse>> {
  if (!parts.purgatory.hasRoom()) {
    return refuse('THROTTLED', 'too many requests wait at this broker; nothing was appended')
  }
  const answers = new Array<PartitionProduced>(request.partitions.length)
  const run: ProduceRun = { parts, acks: request.acks, deadlineAtMs: context.deadlineAtMs, answers }
  const placed: Placed[] = []
  const later: Promise<void>[] = []
  for (const [index, entry] of request.partitions.entries()) {
    const hosted = parts.replicas.find(entry)
    if (hosted === undefined || !parts.repacker.mustWait(repackFor(run, hosted), entry.records)) {
      placed.push(...place(run, index, entry))
    } else later.push(placeLater(run, index, { entry, hosted }))
  }
  await Promise.all([settled(run, placed), ...later])
  return { ok: true, value: { partitions: answers } }
}

function repackFor({ deadlineAtMs }: ProduceRun, hosted: HostedPartition): RepackFor {
  return { key: hosted.key, config: () => hosted.config(), deadlineAtMs }
}

/** Appends one entry and sets its answer, to stand unless the append fails yet; nothing when it was refused. */
function place(run: ProduceRun, index: number, entry: PartitionProduce): readonly Placed[] {
  const outcome = appendEntry(run.parts, run.acks, entry)
  if ('code' in outcome) {
    run.answers[index] = answerOf(entry, { error: outcome })
    return []
  }
  run.answers[index] = answerOf(entry, { append: outcome })
  return [{ index, append: outcome }]
}

/** As `place`, once its records have the codec of their topic, behind those of its partition that came before. */
async function placeLater(
  run: ProduceRun,
  index: number,
  what: { readonly entry: PartitionProduce; readonly hosted: HostedPartition },
): Promise<void> {
  const { entry, hosted } = what
  let placed: readonly Placed[] = []
  const late = refusal('REQUEST_TIMED_OUT', `${nameOf(hosted)}: too many records wait to be packed`)
  run.answers[index] = answerOf(entry, { error: late })
  await run.parts.repacker.run(repackFor(run, hosted), entry.records, (records) => {
    if ('ok' in records) {
      const error = refusal(records.code, `${nameOf(hosted)}: ${records.message}`)
      run.answers[index] = answerOf(entry, { error })
    } else placed = place(run, index, { ...entry, records })
  })
  await settled(run, placed)
}

/** Tells of what was appended and waits as `acks` says. */
async function settled(run: ProduceRun, placed: readonly Placed[]): Promise<void> {
  const { parts, acks, deadlineAtMs, answers } = run
  for (const { append } of placed) parts.announcer.moved(append.hosted)
  parts.announcer.flush()
  if (acks === 0 || placed.length === 0) return
  await new Promise<void>((resolve) => {
    let leftCount = placed.length
    for (const { index, append } of placed) {
      parts.purgatory.parkAppend(append.hosted, {
        leaderEpoch: append.leaderEpoch,
        endOffset: append.endOffset,
        until: acks === 'all' ? 'committed' : 'durable',
        deadlineAtMs,
        settle: (end) => {
          if (end !== 'done') answers[index] = failedAnswer(append, end)
          leftCount -= 1
          if (leftCount === 0) resolve()
        },
      })
    }
  })
}

/** Checks and appends one entry, synchronously. */
function appendEntry(parts: BrokerParts, acks: Acks, entry: PartitionProduce): Appended | Refused {
  const hosted = parts.replicas.find(entry)
  if (hosted === undefined) {
    return refusal('UNKNOWN_TOPIC_OR_PARTITION', `${entry.topicId}-${entry.partition} is not here`)
  }
  const leader = hosted.state.leader()
  if (leader === undefined || !parts.standing.isServing()) {
    return refusal('NOT_LEADER_OR_FOLLOWER', `${nameOf(hosted)} is not led by this broker`)
  }
  if (!hosted.hasRoom()) {
    return refusal(
      'STORAGE_FULL',
      `${nameOf(hosted)}: the disk of ${hosted.log.home().path} on broker ${parts.identity.nodeId} is full, or below its reserve (log.dir.reserve.bytes)`,
    )
  }
  if (hosted.isHeld()) {
    return refusal('NOT_READY', `${nameOf(hosted)} is changing its log directory: try again`)
  }
  if (!hosted.producers.isCurrent()) {
    parts.upkeep.load(hosted)
    return refusal('NOT_READY', `${nameOf(hosted)}: its producers are being read from its log`)
  }
  const config = hosted.config()
  const sound = validateClaim(entry.records, claimLimitsOf(config, parts.ports.clock.wallMs()))
  if (!sound.ok) return refusal(sound.code, `${nameOf(hosted)}: ${sound.message}`)
  const known = judgeProducer(hosted, leader, entry.records)
  if (known !== 'new') return known
  if (acks === 'all' && !leader.hasEnoughInSync()) {
    const isrCount = leader.registration().isr.length
    return refusal('NOT_ENOUGH_REPLICAS', `${nameOf(hosted)} has ${isrCount} in-sync replicas`)
  }
  return append(parts, { hosted, leader, records: entry.records })
}

/** What is known of the records already: their place when they are here, or why they cannot come now. */
function judgeProducer(
  hosted: HostedPartition,
  leader: Leader,
  records: Uint8Array,
): Appended | Refused | 'new' {
  const claim = claimOf(records)
  if (claim === 'none') return 'new'
  if (claim === undefined) {
    const message = `${nameOf(hosted)}: the batches of a producer do not follow on each other`
    return refusal('INVALID_RECORD', message)
  }
  const verdict = hosted.producers.check(claim)
  if (verdict.type === 'accept') return 'new'
  if (verdict.type === 'refuse')
    return refusal(verdict.code, `${nameOf(hosted)}: ${verdict.message}`)
  const { baseOffset, appendTimeMs } = verdict
  return {
    hosted,
    leaderEpoch: leader.registration().leaderEpoch,
    baseOffset,
    endOffset: offset(baseOffset + claim.recordCount),
    logAppendTimeMs: appendTimeMs === -1 ? undefined : appendTimeMs,
  }
}

function append(
  parts: BrokerParts,
  what: { readonly hosted: HostedPartition; readonly leader: Leader; readonly records: Uint8Array },
): Appended {
  const { hosted, leader, records } = what
  const { leaderEpoch } = leader.registration()
  const { clock } = parts.ports
  const isBrokerTime = hosted.config()['message.timestamp.type'] === 'LogAppendTime'
  const logAppendTimeMs = isBrokerTime ? clock.wallMs() : undefined
  if (logAppendTimeMs !== undefined) stampAppendTime(records, logAppendTimeMs)
  const baseOffset = hosted.log.endOffset()
  let endOffset = baseOffset
  forEachBatch(records, (at) => {
    stampBatch(records, at, { baseOffset: endOffset, leaderEpoch })
    endOffset = nextOffset(records, at)
  })
  const durable = hosted.lead(records, clock.nowMs())
  parts.background.spawn('append', async () => {
    try {
      await durable
    } catch (cause) {
      parts.storage.failed(hosted, cause)
      parts.upkeep.load(hosted)
      return
    }
    const leaderNow = hosted.state.leader()
    if (leaderNow === undefined) parts.links.refresh(hosted)
    else leaderNow.advance()
    parts.announcer.moved(hosted)
    parts.announcer.flush()
  })
  return { hosted, leaderEpoch, baseOffset, endOffset, logAppendTimeMs }
}

function answerOf(
  entry: PartitionProduce,
  outcome: { readonly append: Appended } | { readonly error: Refused },
): PartitionProduced {
  const { topicId, partition } = entry
  if ('error' in outcome) {
    const { error } = outcome
    return { topicId, partition, error, baseOffset: offset(0), logStartOffset: offset(0) }
  }
  const { baseOffset, logAppendTimeMs, hosted } = outcome.append
  return {
    topicId,
    partition,
    baseOffset,
    logStartOffset: hosted.log.startOffset(),
    ...(logAppendTimeMs !== undefined && { logAppendTimeMs }),
  }
}

/** The records are in this broker's log, or may be: every code here says that the outcome is unknown. */
function failedAnswer(append: Appended, end: AppendEnd): PartitionProduced {
  const { hosted } = append
  const { topicId, partition } = hosted
  const hasMovedOn = hosted.state.registration()?.leaderEpoch !== append.leaderEpoch
  const lost = hasMovedOn ? 'UNKNOWN_OUTCOME' : 'KAFKA_STORAGE_ERROR'
  const code = end === 'late' ? lateAppendCode(hosted.state) : lost
  const message = `${nameOf(hosted)}: appended, but not known to be kept`
  const error = { code, message }
  return { topicId, partition, error, baseOffset: offset(0), logStartOffset: offset(0) }
}

function nameOf(hosted: HostedPartition): string {
  return `${hosted.topicName}-${hosted.partition}`
}

function refusal(code: ErrorCode, message: string): Refused {
  return { code, message }
}
