/**
 * What follows when a log here fails: its leadership ends, everybody who waits for it learns that the
 * outcome is unknown, and the controller is asked for another leader. A failed write of a leader is
 * never retried under the same epoch (rule 22 of the storage rules).
 */
import { type NodeId, type Offset } from '../../base/id.ts'
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
  readonly #canLead: (id: NodeId) => boolean
  /** Where the damage starts for which each log's leadership was given up before. */
  readonly #resignedFor = new WeakMap<HostedPartition, Offset>()

  constructor(parts: {
    readonly telemetry: Telemetry
    readonly purgatory: Purgatory
    readonly announcer: Announcer
    readonly isr: IsrChanges
    /** Whoever this replica follows must not count on what it said of this log before. */
    readonly damaged: (hosted: HostedPartition) => void
    /** Whether another broker is up, for what it is a member of. */
    readonly canLead: (id: NodeId) => boolean
  }) {
    this.#telemetry = parts.telemetry
    this.#purgatory = parts.purgatory
    this.#announcer = parts.announcer
    this.#isr = parts.isr
    this.#damaged = parts.damaged
    this.#canLead = parts.canLead
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
      this.foundDamage(hosted, cause)
      return
    }
    const { topicName: topic, partition } = hosted
    this.#telemetry.log('warn', 'log-read-failed', { topic, partition, cause })
  }

  /**
   * A range of this log is damaged, and its quarantine durable. Its leader gives the lead up; when it got
   * it back because nobody else can lead, it keeps it, serves the rest, and asks again when others can.
   */
  foundDamage(hosted: HostedPartition, cause: StorageFault): void {
    const from = hosted.log.damagedFrom()
    const registration = hosted.state.leader()?.registration()
    if (registration !== undefined) {
      const isKnown = from !== undefined && this.#resignedFor.get(hosted) === from
      const others = [...registration.isr, ...registration.elr].filter(this.#canLead)
      if (isKnown && others.length === 0) return
      if (from !== undefined) this.#resignedFor.set(hosted, from)
      this.failed(hosted, cause)
    }
    this.#damaged(hosted)
  }

  /** Damage that was found by nobody who asks: by the scrubber, or when the log was opened. */
  considerDamage(hosted: HostedPartition): void {
    const from = hosted.log.damagedFrom()
    if (from === undefined || hosted.isDropped()) return
    const { topicName, partition } = hosted
    const message = `${topicName}-${partition} is damaged from offset ${from} on`
    this.foundDamage(hosted, new StorageFault('corrupt', message))
  }
}
