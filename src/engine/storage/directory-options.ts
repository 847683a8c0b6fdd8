/** What a log directory and a log are made and opened with. */
import {
  type ClusterId,
  type DirectoryId,
  type NodeId,
  type PartitionIndex,
  type TopicId,
} from '../../base/id.ts'
import { type Ports } from '../ports/ports.ts'
import { type Bell } from '../runtime/bell.ts'
import { type LogPolicy } from './partition-log.ts'
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
  /** Rings after each change of its state; default: a bell of its own. */
  readonly stateChanged?: Bell
  /** For the metadata log: the commit mark follows each group before it is answered. Default false. */
  readonly markEachGroup?: boolean
}

/** Which log to make. */
export interface CreateLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly policy: LogPolicy
  /** For a copy of a log in another directory: its number; default: the log is served at once. */
  readonly copy?: number
}
