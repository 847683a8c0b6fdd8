/**
 * What is done to the logs of this broker every `log.retention.check.interval.ms`: a leader moves the
 * start of its log by the topic's retention, followers take the leader's start from its answers
 * (`replica-stream.ts`), and both drop the segments below their start that had to stay so far.
 */
import { type Offset } from '../../base/id.ts'
import { planRetention } from '../../core/replica/segment-plan.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { sleep } from '../runtime/sleep.ts'
import { type HostedPartition } from './hosted-partition.ts'

/** What upkeep works with. */
export interface LogUpkeepParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry'>
  readonly intervalMs: number
  readonly hosted: () => Iterable<HostedPartition>
  readonly moved: (hosted: HostedPartition) => void
}

/** Looks after logs until `signal` aborts. */
export async function keepUp(parts: LogUpkeepParts, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(parts.ports.clock, parts.intervalMs, signal)
    if (signal.aborted) return
    for (const hosted of [...parts.hosted()]) await keepUpOne(parts, hosted)
  }
}

async function keepUpOne(parts: LogUpkeepParts, hosted: HostedPartition): Promise<void> {
  const { log } = hosted
  const start = log.startOffset()
  const planned = startOf(parts, hosted) ?? start
  const [oldest] = log.segments()
  if (planned <= start && (oldest === undefined || oldest.next > start)) return
  try {
    if (!(await hosted.startAt(planned))) return
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    return // told by the directory, which takes no writes now
  }
  if (planned <= start) return
  const where = { topic: hosted.topicName, partition: hosted.partition, from: start, to: planned }
  parts.ports.telemetry.log('info', 'log-start-moved', where)
  parts.moved(hosted)
}

function startOf({ ports }: LogUpkeepParts, hosted: HostedPartition): Offset | undefined {
  const leader = hosted.state.leader()
  const config = hosted.config()
  if (leader === undefined || !config['cleanup.policy'].includes('delete')) return undefined
  return planRetention(hosted.log.segments(), {
    retentionMs: config['retention.ms'],
    retentionBytes: config['retention.bytes'],
    highWatermark: leader.highWatermark(),
    nowMs: ports.clock.wallMs(),
  })
}
