/**
 * One log directory: all logs in it, their journal, their segment table. It is formatted once, opened
 * by one process at a time, and reopened by itself after its disk was full. Specified by the crash
 * matrix in `test/sim/storage-crash.test.ts`.
 */
import {
  type ClusterId,
  type DirectoryId,
  type NodeId,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type DirectoryReport } from '../../core/api/register-broker.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Ports } from '../ports/ports.ts'
import { Bell } from '../runtime/bell.ts'
import { type FlushMode, type PartitionLog } from './partition-log.ts'
import { type StorageSettings } from './storage-settings.ts'

/** Where and for whom a directory is made. */
export interface FormatLogDirectory {
  readonly files: Ports['files']
  readonly stores: Ports['stores']
  readonly entropy: Ports['entropy']
  readonly path: string
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  /** Default: a fresh one. */
  readonly directoryId?: DirectoryId
}

/** How a directory is opened. */
export interface OpenLogDirectory {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'>
  readonly path: string
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  readonly settings: StorageSettings
  /** For the metadata log: the commit mark follows each group before it is answered. Default false. */
  readonly markEachGroup?: boolean
}

/** Which log to make. */
export interface CreateLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly flush: FlushMode
  readonly segmentBytes: number
}

/** `full`: nothing is written until space returns; `offline`: nothing is written in this life of the process. Reads go on. */
export type DirectoryState = 'online' | 'full' | 'offline'

/** An open log directory. */
export class LogDirectory {
  readonly directoryId: DirectoryId
  readonly report: DirectoryReport
  /** Rings after each change of `state()`. */
  readonly stateChanged = new Bell()

  private constructor(report: DirectoryReport) {
    this.directoryId = report.directoryId
    this.report = report
  }

  /** Makes an empty directory ready; refuses one that is formatted already or holds anything else. */
  static async format(options: FormatLogDirectory): Promise<DirectoryId> {
    return Promise.reject(new StorageFault('denied', `${options.path} cannot be formatted`))
  }

  /** Recovers what is there; rejects with `StorageFault` and a sentence that names the directory. */
  static async open(options: OpenLogDirectory): Promise<LogDirectory> {
    return Promise.reject(new StorageFault('not-found', `${options.path} is not formatted`))
  }

  /** Whether it can be written to. */
  state(): DirectoryState {
    return 'offline'
  }

  /** All logs, in no particular order. */
  logs(): readonly PartitionLog[] {
    return []
  }

  /** The log of a partition. */
  find(topicId: TopicId, partition: PartitionIndex): PartitionLog | undefined {
    return this.logs().find((log) => log.topicId === topicId && log.partition === partition)
  }

  /** Makes a log; it is durable when this resolves. An existing one is given back. */
  async createLog(what: CreateLog): Promise<PartitionLog> {
    return Promise.reject(new StorageFault('poisoned', `no log for ${what.topicId}`))
  }

  /** Drops a log and all its bytes; absent is fine. */
  async dropLog(topicId: TopicId, partition: PartitionIndex): Promise<void> {
    return Promise.reject(new StorageFault('poisoned', `no log ${topicId}-${partition}`))
  }

  /** Settles everything and marks the stop as clean. A second call does nothing. */
  async close(): Promise<void> {
    return Promise.resolve()
  }
}
