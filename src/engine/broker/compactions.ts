/**
 * Compaction of the partitions hosted here, leaders and followers alike, each by itself: what a
 * replica has below the high watermark is settled, so nobody need be asked. One log at a time in
 * each directory, the dirtiest first; what is due is decided in `core/replica/compaction-plan.ts`.
 */
import {
  dynamicSetting,
  type ConfigLayers,
  type ConfigViewer,
} from '../../core/config/effective-config.ts'
import { isCompacted } from '../../core/config/topic-settings.ts'
import { planCompaction, type CompactionPlan } from '../../core/replica/compaction-plan.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { sleep } from '../runtime/sleep.ts'
import { Throttle } from '../runtime/throttle.ts'
import { type LogHome } from '../storage/partition-log.ts'
import { type HostedPartition } from './hosted-partition.ts'

/** What compaction works with. */
export interface CompactionsParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry' | 'compressor' | 'entropy'>
  readonly viewer: ConfigViewer
  readonly layers: () => ConfigLayers
  readonly hosted: () => Iterable<HostedPartition>
}

interface Due {
  readonly hosted: HostedPartition
  readonly plan: CompactionPlan
}

/** Compacts in the background. */
export class Compactions {
  readonly #parts: CompactionsParts
  readonly #throttles = new WeakMap<LogHome, Throttle>()
  /** Logs that are damaged, and up to where they were tried: left alone until they grow. */
  readonly #damaged = new WeakMap<HostedPartition, number>()

  constructor(parts: CompactionsParts) {
    this.#parts = parts
  }

  /** Looks again and again, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#parts.ports.clock, this.#setting('log.cleaner.backoff.ms'), signal)
      const homes = new Set<LogHome>()
      for (const hosted of this.#parts.hosted()) homes.add(hosted.log.home())
      await Promise.all([...homes].map(async (home) => this.#compactAll(home, signal)))
    }
  }

  /** Compacts all that is due in a directory now; what fails or gets no further is tried again the next time. */
  async #compactAll(home: LogHome, signal: AbortSignal): Promise<void> {
    const failed = new Set<HostedPartition>()
    for (let due; (due = this.#dirtiest(home, failed)) !== undefined;) {
      if (signal.aborted) return
      if (!(await this.#compact(due, home, signal))) failed.add(due.hosted)
    }
  }

  #dirtiest(home: LogHome, failed: ReadonlySet<HostedPartition>): Due | undefined {
    let dirtiest: Due | undefined
    for (const hosted of this.#parts.hosted()) {
      if (hosted.log.home() !== home || failed.has(hosted)) continue
      const plan = this.#planOf(hosted)
      if (plan === undefined || this.#damaged.get(hosted) === plan.upTo) continue
      if (dirtiest === undefined || plan.dirtyRatio > dirtiest.plan.dirtyRatio)
        dirtiest = { hosted, plan }
    }
    return dirtiest
  }

  #planOf(hosted: HostedPartition): CompactionPlan | undefined {
    const config = hosted.config()
    if (!isCompacted(config) || hosted.isDropped() || !hosted.producers.isCurrent())
      return undefined
    const { log } = hosted
    const maxLagMs = config['max.compaction.lag.ms']
    return planCompaction(log.segments(), {
      cleanedTo: log.cleanedTo(),
      highWatermark: hosted.state.highWatermark(),
      nowMs: this.#parts.ports.clock.wallMs(),
      minLagMs: config['min.compaction.lag.ms'],
      maxLagMs: maxLagMs < 0 ? Infinity : maxLagMs,
      minDirtyRatio: config['min.cleanable.dirty.ratio'],
    })
  }

  async #compact({ hosted, plan }: Due, home: LogHome, signal: AbortSignal): Promise<boolean> {
    const { ports } = this.#parts
    const config = hosted.config()
    const ends = hosted.producers.ends()
    const { topicName: topic, partition } = hosted
    try {
      const result = await hosted.log.compact({
        from: plan.from,
        upTo: plan.upTo,
        nowMs: ports.clock.wallMs(),
        deleteRetentionMs: config['delete.retention.ms'],
        segmentBytes: config['segment.bytes'],
        keysBytesMax: this.#setting('log.cleaner.dedupe.buffer.size'),
        seed: Math.floor(ports.entropy.random() * 0x100000000),
        producerEnd: (producerId) => ends.get(producerId),
        compressor: ports.compressor,
        throttle: this.#throttleOf(home),
        signal,
      })
      ports.telemetry.log('info', 'log-compacted', { topic, partition, ...result })
      // Of what is sealed, the table may have nothing yet: then at once again would be for ever.
      return result.cleanedTo > plan.from
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      if (cause.code === 'corrupt') this.#damaged.set(hosted, plan.upTo)
      if (!signal.aborted)
        ports.telemetry.log('warn', 'log-not-compacted', { topic, partition, cause })
      return false
    }
  }

  #throttleOf(home: LogHome): Throttle {
    let throttle = this.#throttles.get(home)
    if (throttle === undefined) {
      throttle = new Throttle(this.#parts.ports.clock, () => {
        const bytes = this.#setting('log.cleaner.io.max.bytes.per.second')
        return bytes < 0 ? Infinity : bytes
      })
      this.#throttles.set(home, throttle)
    }
    return throttle
  }

  #setting(
    key:
      | 'log.cleaner.backoff.ms'
      | 'log.cleaner.dedupe.buffer.size'
      | 'log.cleaner.io.max.bytes.per.second',
  ): number {
    return dynamicSetting(this.#parts.layers(), this.#parts.viewer, key)
  }
}
