/**
 * The log directories of one broker. Each has its own journal, table and lock, and fails on its own:
 * one that cannot be opened, or that goes offline later, takes its partitions with it and nothing
 * else. Which directory a replica lives in is the controller's decision; this set finds it again.
 *
 * A log moves to another directory as a copy with a greater number. Steps, each durable before the
 * next: the copy is whole; the log is `leaving`; the copy is `current`; the log is dropped. Found at
 * an open:
 *
 *   leaving, copy still future     it was not handed over: the log is current again
 *   leaving or current, and a current copy with a greater number     it was: the log is dropped
 *   leaving, no copy     it may have been, into a directory that is not open: nothing vouches for the log
 *
 * Invariant: a partition has at most one log here that is served.
 */
import { present } from '../../base/assert.ts'
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
import { nameOf } from './log-reader.ts'
import { type OpenLog } from './open-log.ts'
import { plainPolicy, PartitionLog } from './partition-log.ts'
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

/** A copy of a log under way into a directory. */
export interface ArrivingLog {
  readonly topicId: TopicId
  readonly partition: PartitionIndex
  readonly to: LogDirectory
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
    await settleMoves(opened)
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
    for (const directory of this.#opened)
      if (directory.state() !== 'offline') await directory.dropLog(topicId, partition)
  }

  /** The copies that are on their way from one directory to another, as this process found or made them. */
  arriving(): readonly ArrivingLog[] {
    return this.#opened.flatMap((to) =>
      to
        .copies()
        .filter(({ state }) => state.role === 'future')
        .map(({ state }) => ({ topicId: state.topicId, partition: state.partition, to })),
    )
  }

  /** Makes room for a log in another directory, or finds what has come over before. */
  async receive(log: PartitionLog, to: LogDirectory): Promise<PartitionLog> {
    const { topicId, partition } = log
    const { segmentBytes, copy } = this.#openedOf(log).state
    const policy = plainPolicy('ack', segmentBytes)
    const what = { topicId, partition, policy, copy: copy + 1 }
    return new PartitionLog(log, to, await to.receive(what))
  }

  /**
   * The copy in `to`, which is whole and durable, becomes the log; nothing may be appended meanwhile.
   * When that fails half-way, the log gets a number above the copy's before anybody appends again.
   */
  async handOver(log: PartitionLog, to: LogDirectory): Promise<void> {
    const { topicId, partition } = log
    const from = present(this.withId(log.home().directoryId), 'the directory of a log')
    const before = this.#openedOf(log)
    const copy = present(to.arriving(topicId, partition), 'a copy to hand over to')
    await from.setRole(before, 'leaving')
    try {
      await to.setRole(copy, 'current')
    } catch (cause) {
      await from.setRole(before, 'current', copy.state.copy + 1)
      throw cause
    }
    to.adoptLog(log, copy)
    from.forgetLog(log)
  }

  /** Drops what is left of a log in every directory but its own. */
  async dropLeft(log: PartitionLog): Promise<void> {
    for (const directory of this.#opened)
      if (directory !== log.home()) await directory.dropLog(log.topicId, log.partition)
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

  #openedOf(log: PartitionLog): OpenLog {
    const home = this.withId(log.home().directoryId)
    const found = home?.copies().find(({ state }) => nameOf(state) === nameOf(log))
    return present(found, 'a log in its directory')
  }

  #holderOf(topicId: TopicId, partition: PartitionIndex): LogDirectory | undefined {
    return this.#opened.find((directory) => directory.find(topicId, partition) !== undefined)
  }
}

interface CopyHere {
  readonly directory: LogDirectory
  readonly log: OpenLog
}

/** Brings every move that was interrupted to one side or the other. */
async function settleMoves(opened: readonly LogDirectory[]): Promise<void> {
  const byName = new Map<string, CopyHere[]>()
  for (const directory of opened)
    for (const log of directory.copies()) {
      const name = nameOf(log.state)
      byName.set(name, [...(byName.get(name) ?? []), { directory, log }])
    }
  for (const copies of byName.values()) await settleMove(copies)
}

async function settleMove(copies: readonly CopyHere[]): Promise<void> {
  const served = copies
    .filter(({ log }) => log.state.role !== 'future')
    .toSorted((left, right) => right.log.state.copy - left.log.state.copy)
  const [winner, ...losers] = served
  for (const { directory, log } of losers)
    await directory.dropLog(log.state.topicId, log.state.partition)
  if (winner?.log.state.role !== 'leaving') return
  const { directory, log } = winner
  if (copies.length > served.length) await directory.setRole(log, 'current')
  else await directory.distrust(log)
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
