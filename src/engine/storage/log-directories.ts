/**
 * The log directories of one broker. Each has its own journal, table and lock, and fails on its own:
 * one that cannot be opened, or that goes offline later, takes its partitions with it and nothing
 * else. Which directory a replica lives in is the controller's decision; this set finds it again.
 *
 * Invariant: a partition has at most one log here that is served.
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
import { LogDirectory } from './log-directory.ts'
import { type PartitionLog } from './partition-log.ts'
import { type StorageSettings } from './storage-settings.ts'

/** Which directories are opened, and how each is run. */
export interface OpenLogDirectories {
  readonly ports: Pick<Ports, 'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'>
  readonly paths: readonly string[]
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  readonly settings: StorageSettings
}

/** A directory that could not be opened: offline until the node starts again. */
export interface UnopenedDirectory {
  readonly path: string
  readonly fault: StorageFault
}

/** What says that the operator is mistaken, rather than that a disk fails: the node does not start. */
const mistakes: ReadonlySet<StorageFault['code']> = new Set(['not-found', 'denied', 'locked'])

/** The open directories of a broker. */
export class LogDirectories {
  /** Rings after a change of any directory's state. */
  readonly stateChanged: Bell
  /** Those that could not be opened. */
  readonly unopened: readonly UnopenedDirectory[]
  readonly #opened: readonly LogDirectory[]

  private constructor(
    opened: readonly LogDirectory[],
    unopened: readonly UnopenedDirectory[],
    stateChanged: Bell,
  ) {
    this.#opened = opened
    this.unopened = unopened
    this.stateChanged = stateChanged
  }

  /**
   * Opens all. A broken one is left out as long as another one opens; one that is missing, not
   * formatted, of somebody else or in use is what is returned, and nothing is left open.
   */
  static async open(options: OpenLogDirectories): Promise<LogDirectories | UnopenedDirectory> {
    const { paths, ports } = options
    const stateChanged = new Bell()
    const tries = await Promise.all(
      paths.map(async (path) => openOne({ ...options, path, stateChanged })),
    )
    const opened = tries.flatMap((one) => (one instanceof LogDirectory ? [one] : []))
    const unopened = tries.flatMap((one) => (one instanceof LogDirectory ? [] : [one]))
    const refusal = unopened.find(({ fault }) => mistakes.has(fault.code)) ?? copyAmong(opened)
    const failure = refusal ?? (opened.length === 0 ? unopened[0] : undefined)
    if (failure !== undefined) {
      for (const directory of opened) await directory.close()
      return failure
    }
    for (const { path, fault } of unopened)
      ports.telemetry.log('error', 'directory-not-opened', { path, cause: fault })
    return new LogDirectories(opened, unopened, stateChanged)
  }

  /** Those that are open, in the order of `log.dirs`. */
  all(): readonly LogDirectory[] {
    return this.#opened
  }

  /** The directory with an id. */
  withId(id: DirectoryId | undefined): LogDirectory | undefined {
    return this.#opened.find(({ directoryId }) => directoryId === id)
  }

  /** Those that went offline since they were opened. */
  offlineIds(): readonly DirectoryId[] {
    return this.#opened
      .filter((directory) => directory.state() === 'offline')
      .map(({ directoryId }) => directoryId)
  }

  /** Where each is, those that could not be opened included. */
  paths(): readonly string[] {
    return [...this.#opened, ...this.unopened].map(({ path }) => path)
  }

  /** Resolves once every directory that failed has it in its marker, as far as its disk still takes that. */
  async failuresAreMarked(): Promise<void> {
    await Promise.all(this.#opened.map(async (directory) => directory.failureIsMarked()))
  }

  /** True when none can be written to in this life of the process any more. */
  areAllOffline(): boolean {
    return this.#opened.every((directory) => directory.state() === 'offline')
  }

  /** How each was found when it was opened. */
  reports(): readonly DirectoryReport[] {
    return this.#opened.map(({ report }) => report)
  }

  /** All logs, in no particular order. */
  logs(): readonly PartitionLog[] {
    return this.#opened.flatMap((directory) => directory.logs())
  }

  /** The log of a partition. */
  find(topicId: TopicId, partition: PartitionIndex): PartitionLog | undefined {
    return this.#holderOf(topicId, partition)?.find(topicId, partition)
  }

  /** Drops a log and all its bytes; durable when it resolves, the files follow. Absent is fine. */
  async dropLog(topicId: TopicId, partition: PartitionIndex): Promise<void> {
    await this.#holderOf(topicId, partition)?.dropLog(topicId, partition)
  }

  /** The controller knows of the unclean logs in the reports. */
  async reportIsTaken(): Promise<void> {
    for (const directory of this.#opened)
      if (directory.state() !== 'offline') await directory.reportIsTaken()
  }

  /** As `LogDirectory.removeStrays`, in every directory that can be written to. */
  async removeStrays(): Promise<number> {
    let count = 0
    for (const directory of this.#opened)
      if (directory.state() !== 'offline' && directory.state() !== 'full')
        count += await directory.removeStrays()
    return count
  }

  /** Closes all; a second call does nothing. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.map(async (directory) => directory.close()))
  }

  #holderOf(topicId: TopicId, partition: PartitionIndex): LogDirectory | undefined {
    return this.#opened.find((directory) => directory.find(topicId, partition) !== undefined)
  }
}

async function openOne(
  options: OpenLogDirectories & { readonly path: string; readonly stateChanged: Bell },
): Promise<LogDirectory | UnopenedDirectory> {
  try {
    return await LogDirectory.open(options)
  } catch (fault) {
    if (!(fault instanceof StorageFault)) throw fault
    return { path: options.path, fault }
  }
}

/** Two directories with one id: somebody copied one, and no partition would know which is its own. */
function copyAmong(opened: readonly LogDirectory[]): UnopenedDirectory | undefined {
  const known = new Map<DirectoryId, LogDirectory>()
  for (const directory of opened) {
    const other = known.get(directory.directoryId)
    if (other !== undefined) {
      const { path } = directory
      const message = `${path} is a copy of ${other.path}: both have directory id ${directory.directoryId}, remove one of them from log.dirs`
      return { path, fault: new StorageFault('denied', message) }
    }
    known.set(directory.directoryId, directory)
  }
  return undefined
}
