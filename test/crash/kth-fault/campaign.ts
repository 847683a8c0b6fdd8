/**
 * One run with one fault: several logs of both flush modes are written, settled, rolled and cut until
 * the fault strikes or the work is done; then the directory is opened again without faults, and what
 * was acknowledged is looked for.
 */
import { compareBytes, concatBytes } from '../../../src/base/bytes.ts'
import { offset } from '../../../src/base/id.ts'
import { StorageFault } from '../../../src/engine/ports/fault.ts'
import { type LogDirectory } from '../../../src/engine/storage/log-directory.ts'
import { type PartitionLog } from '../../../src/engine/storage/partition-log.ts'
import { makeBatch, makeLog, readAll, topicOf } from '../../../src/sim/storage/storage-world.ts'

/** Where a run happens. */
export interface Place {
  /** Opens the directory, with the faults or without. */
  readonly open: (isFaulty: boolean) => Promise<LogDirectory>
  /** Lets the table and the settler come to rest. */
  readonly rest: () => Promise<void>
  /** Ends the process, or closes what is left of it. */
  readonly end: (directory: LogDirectory | undefined) => Promise<void>
}

interface Tracked {
  readonly index: number
  readonly mode: 'ack' | 'interval'
  batches: { readonly next: number; readonly bytes: Uint8Array }[]
  /** Everything below was acknowledged. */
  acked: number
  /** What it held before each cut: a log that nobody vouches for may show it again. */
  readonly former: (readonly { readonly bytes: Uint8Array }[])[]
}

const rounds = 22
const segmentBytes = 24 * 1024

/** Runs it; what is wrong, in words, or nothing. */
export async function runWithFault(place: Place): Promise<readonly string[]> {
  const logs: Tracked[] = [0, 1, 2, 3].map((index) => ({
    index,
    mode: index === 3 ? 'interval' : 'ack',
    batches: [],
    acked: 0,
    former: [],
  }))
  const wrong: string[] = []
  let directory: LogDirectory | undefined
  try {
    directory = await place.open(true)
    await work(directory, logs, place)
    await directory.close()
  } catch (cause) {
    if (!(cause instanceof StorageFault)) wrong.push(`not a storage fault: ${String(cause)}`)
    else if (directory !== undefined && directory.state() === 'online' && cause.code === 'poisoned')
      wrong.push(`poisoned and online: ${cause.message}`)
    else if (cause.message.length === 0) wrong.push('a fault without a name')
  }
  const wasNoSpace = directory?.state() !== 'offline'
  await place.end(directory)
  const again = await place.open(false)
  for (const log of logs)
    wrong.push(...(await compare(again, log, wasNoSpace && log.mode === 'ack')))
  await again.close()
  await place.end(undefined)
  return wrong
}

async function work(
  directory: LogDirectory,
  logs: readonly Tracked[],
  place: Place,
): Promise<void> {
  const open = await Promise.all(
    logs.map(async ({ index, mode }) => makeLog(directory, index, mode, segmentBytes)),
  )
  for (let round = 0; round < rounds; round++) {
    const results = await Promise.allSettled(
      logs.map(async (tracked, at) => append(tracked, open[at], round)),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (round % 3 === 2) await place.rest()
    const log = logs[round % 2]
    if (log !== undefined && round % 5 === 4) await truncate(log, open[log.index])
  }
}

async function append(
  tracked: Tracked,
  log: PartitionLog | undefined,
  round: number,
): Promise<void> {
  if (log === undefined) return
  for (let count = 0; count < 3; count++) {
    const bytes = (round + count + tracked.index) % 4 === 0 ? 7000 : 300
    const base = log.endOffset()
    const tag = `${tracked.index}.${round}.${count} `
    const batch = makeBatch({ base, tag, bytes, epoch: round })
    const durable = log.append(batch)
    tracked.batches.push({ next: log.endOffset(), bytes: batch })
    await durable
    tracked.acked = log.endOffset()
  }
}

async function truncate(tracked: Tracked, log: PartitionLog | undefined): Promise<void> {
  if (log === undefined) return
  const to = log.endOffset() - 4
  tracked.acked = Math.min(tracked.acked, to)
  tracked.former.push(tracked.batches)
  await log.truncateTo(offset(to))
  tracked.batches = tracked.batches.filter(({ next }) => next <= to)
}

async function compare(
  directory: LogDirectory,
  { index, batches, acked, former }: Tracked,
  mustBeWhole: boolean,
): Promise<readonly string[]> {
  const log = directory.logs().find(({ topicId }) => topicId === topicOf(index))
  if (log === undefined) return acked > 0 ? [`log ${index} is gone, ${acked} acknowledged`] : []
  const found = concatBytes(await readAll(log))
  const isExcused = directory.report.uncleanLogs.some(({ topicId }) => topicId === topicOf(index))
  const wrong: string[] = []
  if (![batches, ...(isExcused ? former : [])].some((each) => isPrefix(found, each)))
    wrong.push(`log ${index}: other bytes than were appended`)
  if (log.endOffset() < acked && (mustBeWhole || !isExcused))
    wrong.push(`log ${index} ends at ${log.endOffset()}, acknowledged to ${acked}`)
  return wrong
}

function isPrefix(found: Uint8Array, batches: readonly { readonly bytes: Uint8Array }[]): boolean {
  const expected = concatBytes(batches.map(({ bytes }) => bytes))
  return compareBytes(found, expected.subarray(0, found.length)) === 0
}
