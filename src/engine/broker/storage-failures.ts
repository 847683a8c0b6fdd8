/**
 * What follows when a log here fails: its leadership ends, everybody who waits for it learns that the
 * outcome is unknown, and the controller is asked for another leader. A failed write of a leader is
 * never retried under the same epoch (rule 22 of the storage rules).
 */
import { StorageFault } from '../ports/fault.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { type Announcer } from './announcer.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { type IsrChanges } from './isr-changes.ts'
import { type Purgatory } from './purgatory.ts'

/** Reacts to failed logs. */
export class StorageFailures {
  readonly #telemetry: Telemetry
  readonly #purgatory: Purgatory
  readonly #announcer: Announcer
  readonly #isr: IsrChanges
  readonly #damaged: (hosted: HostedPartition) => void

  constructor(parts: {
    readonly telemetry: Telemetry
    readonly purgatory: Purgatory
    readonly announcer: Announcer
    readonly isr: IsrChanges
    /** Whoever this replica follows must not count on what it said of this log before. */
    readonly damaged: (hosted: HostedPartition) => void
  }) {
    this.#telemetry = parts.telemetry
    this.#purgatory = parts.purgatory
    this.#announcer = parts.announcer
    this.#isr = parts.isr
    this.#damaged = parts.damaged
  }

  /** An append or a cut of this log failed: whether it happened is unknown. */
  failed(hosted: HostedPartition, cause: unknown): void {
    if (!(cause instanceof StorageFault)) throw cause
    if (hosted.isDropped()) return
    const leader = hosted.state.leader()
    this.#telemetry.log('error', 'log-write-failed', {
      topic: hosted.topicName,
      partition: hosted.partition,
      isLeader: leader !== undefined,
      cause,
    })
    const hasLed = hosted.state.storageFailed()
    this.#purgatory.failed(hosted)
    if (!hasLed || leader === undefined) return
    this.#isr.resign(hosted, leader)
    this.#announcer.moved(hosted)
    this.#announcer.flush()
  }

  /** A range of this log could not be read: a leader whose bytes are damaged must not lead. */
  readFailed(hosted: HostedPartition, cause: StorageFault): void {
    if (cause.code === 'corrupt') {
      this.failed(hosted, cause)
      this.#damaged(hosted)
      return
    }
    const { topicName: topic, partition } = hosted
    this.#telemetry.log('warn', 'log-read-failed', { topic, partition, cause })
  }
}
