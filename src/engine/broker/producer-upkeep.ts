/**
 * What the producer states of all hosted partitions need in the background: to be brought to the end
 * of their logs, to be kept as snapshots, and to forget who is gone.
 */
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { type Bell } from '../runtime/bell.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type HostedPartition } from './hosted-partition.ts'

/** What it works with. */
export interface ProducerUpkeepParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry'>
  readonly background: Lifecycle
  readonly hosted: () => Iterable<HostedPartition>
  readonly expirationMs: number
  /** Rings when the state of the log directory changed. */
  readonly directoryChanged: Bell
}

const snapshotEveryMs = 1000
const expireEvery = 10

/** Looks after producer states. */
export class ProducerUpkeep {
  readonly #parts: ProducerUpkeepParts
  readonly #loading = new Set<HostedPartition>()

  constructor(parts: ProducerUpkeepParts) {
    this.#parts = parts
  }

  /** Brings a partition's producers to the end of its log, soon. */
  load(hosted: HostedPartition): void {
    if (hosted.producers.isCurrent() || hosted.isBusy() || this.#loading.has(hosted)) return
    this.#loading.add(hosted)
    this.#parts.background.spawn('load-producers', async () => {
      try {
        await hosted.producers.load()
      } catch (cause) {
        if (!(cause instanceof StorageFault)) throw cause
        const { topicName: topic, partition } = hosted
        this.#parts.ports.telemetry.log('warn', 'producers-not-loaded', { topic, partition, cause })
      } finally {
        this.#loading.delete(hosted)
      }
    })
  }

  /** Snapshots and expiry until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    for (let turn = 1; !signal.aborted; turn++) {
      // A directory that was opened again may hold records whose writes were taken for failed.
      const timeout = { clock: this.#parts.ports.clock, ms: snapshotEveryMs }
      await this.#parts.directoryChanged.wait({ signal, timeout })
      for (const hosted of this.#parts.hosted()) {
        if (turn % expireEvery === 0) hosted.producers.expire(this.#parts.expirationMs)
        hosted.producers.saveIfWorth()
        this.load(hosted)
      }
    }
  }
}
