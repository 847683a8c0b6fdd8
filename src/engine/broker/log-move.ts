/**
 * Moves the log of one partition to another directory of this broker while it is served (KIP-113):
 * copies it, catches up, and hands over while nothing is appended for a moment. A process that ends
 * at any step finds one whole log when it starts again; the storage rules for that stand in
 * `engine/storage/log-directories.ts`.
 */
import { assert } from '../../base/assert.ts'
import { planTruncation } from '../../core/replica/fetch-check.ts'
import { StorageFault } from '../ports/fault.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { type LogDirectory } from '../storage/log-directory.ts'
import { type PartitionLog } from '../storage/partition-log.ts'
import { planFollowerAppends } from './follower-append.ts'
import { type HostedPartition } from './hosted-partition.ts'

/** One move. */
export interface LogMove {
  readonly directories: LogDirectories
  readonly hosted: HostedPartition
  readonly to: LogDirectory
  /** Bytes a second to copy at most; below 0: no limit. */
  readonly bytesPerSecondMax: () => number
  /** Waits, at most so long. */
  readonly admit: (ms: number) => Promise<void>
  /** False once the move is not wanted any more. */
  readonly isWanted: () => boolean
}

const readBytesMax = 1024 * 1024
/** Little enough to be copied while producers wait. */
const handOverBytesMax = 4 * readBytesMax

/** Does it; false when it was given up. Rejects with `StorageFault`; then what is left of it is done with the next try. */
export async function moveLog(move: LogMove): Promise<boolean> {
  const { hosted, to } = move
  if (hosted.log.home() !== to && !(await bringOver(move))) return false
  await hosted.log.configure(hosted.policy())
  return true
}

async function bringOver(move: LogMove): Promise<boolean> {
  const { directories, hosted, to } = move
  const copy = await directories.receive(hosted.log, to)
  for (;;) {
    if (!move.isWanted()) return false
    await align(hosted, copy)
    if (!(await copySome(move, copy)).isNear) continue
    if (await hosted.hold(async () => handOver(move, copy))) return true
  }
}

/** While nothing is appended or cut: brings over the rest and lets the copy take the log's place; false when it is too much. */
async function handOver(move: LogMove, copy: PartitionLog): Promise<boolean> {
  const { directories, hosted, to } = move
  const { log } = hosted
  await align(hosted, copy)
  for (let bytes = 0; copy.endOffset() < log.endOffset();) {
    if (bytes > handOverBytesMax || !move.isWanted()) return false
    bytes += (await copySome({ ...move, bytesPerSecondMax: () => -1 }, copy)).bytes
  }
  assert(copy.endOffset() === log.endOffset(), 'a copy that is not its log')
  const producers = log.producersSnapshot()
  if (producers !== undefined) copy.saveProducers(producers)
  await directories.handOver(log, to)
  return true
}

/** Makes the copy a part of the log: the log may have been cut, or begin later, since it was made. */
async function align({ log }: HostedPartition, copy: PartitionLog): Promise<void> {
  for (;;) {
    const last = copy.epochs().lastEpoch()
    const agreed = last === undefined ? undefined : log.epochs().endOffsetFor(last, log.endOffset())
    const start = log.startOffset()
    if (copy.startOffset() < start && start <= copy.endOffset()) await copy.startAt(start)
    const begins = copy.startOffset() === start
    if (agreed === undefined || !begins) {
      if (!begins || copy.endOffset() > copy.startOffset()) await copy.restartAt(start)
      return
    }
    if (agreed.epoch === last && copy.endOffset() <= agreed.endOffset) return
    await copy.truncateTo(planTruncation(copy, agreed))
  }
}

/** Copies the next batches of what is durable; it is near when nothing of that is left. */
async function copySome(
  { hosted, bytesPerSecondMax, admit }: LogMove,
  copy: PartitionLog,
): Promise<{ readonly bytes: number; readonly isNear: boolean }> {
  const { log } = hosted
  const most = bytesPerSecondMax()
  const bytesMax = most < 0 ? readBytesMax : Math.min(readBytesMax, most)
  const [from, upTo] = [copy.endOffset(), log.durableOffset()]
  const epochMax = log.lastEpoch()
  if (from >= upTo || epochMax === undefined) return { bytes: 0, isNear: true }
  const { slices, bytes, nextOffset } = await log.read({ from, upTo, bytesMax })
  const startOffset = copy.startOffset()
  const planned = planFollowerAppends(slices, { startOffset, endOffset: from, epochMax })
  if (!planned.ok) throw new StorageFault('corrupt', `a batch of ${hosted.key}: ${planned.message}`)
  if (planned.restartsAt !== undefined) await copy.restartAt(planned.restartsAt)
  await Promise.all(planned.runs.map(async (run) => copy.appendFetched(run)))
  if (planned.restartsAt !== undefined) await copy.startAt(startOffset)
  if (most > 0) await admit((bytes / most) * 1000)
  return { bytes, isNear: nextOffset >= upTo }
}
