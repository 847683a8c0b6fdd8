/**
 * One log directory: all logs in it, their journal, their segment table. It is formatted once, opened
 * by one process at a time, and reopened by itself after its disk was full. What each crash and
 * fault must lead to is written down in `test/sim/storage-crash.test.ts`.
 */
import { assert } from '../../base/assert.ts'
import { directoryId, type DirectoryId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { type DirectoryReport, type UncleanLog } from '../../core/api/register-broker.ts'
import { StorageFault } from '../ports/fault.ts'
import { type DirectoryLock, type FileStore } from '../ports/file-store.ts'
import { Bell } from '../runtime/bell.ts'
import { sleep } from '../runtime/sleep.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import { CommitMark } from './commit-mark.ts'
import { DirectorySpace, type DiskSpace, type SpaceLevel } from './directory-space.ts'
import { type DirectoryLife, type LifeFailure } from './directory-life.ts'
import {
  type CreateLog,
  type FormatLogDirectory,
  type OpenLogDirectory,
} from './directory-options.ts'
import { nameOf } from './log-reader.ts'
import { markerName, writeMarker, type Marker } from './marker.ts'
import { type OpenLog } from './open-log.ts'
import { PartitionLog, type DirectoryState } from './partition-log.ts'
import { type LogRole } from './rows.ts'
import { recover, type Recovered } from './recovery.ts'
import { type ScrubCursor } from './rows.ts'

const reopenPauseMs = 1000
/** How long reads wait for a directory that is being reopened. */
const readsWaitMaxMs = 15_000

/** An open log directory. */
export class LogDirectory {
  readonly directoryId: DirectoryId
  readonly path: string
  /** How it was found when it was opened. */
  report: DirectoryReport
  /** Rings after each change of `state()`. */
  readonly stateChanged: Bell
  readonly #options: OpenLogDirectory
  readonly #lock: DirectoryLock
  readonly #lifecycle: Lifecycle
  readonly #logs = new Map<string, PartitionLog>()
  #life: DirectoryLife
  #closedLife: DirectoryLife | undefined
  readonly #marker: Marker
  readonly #space: DirectorySpace
  #state: DirectoryState = 'online'
  #strayFiles: readonly number[] = []
  #marking: Promise<void> | undefined
  #closing: Promise<void> | undefined

  private constructor(options: OpenLogDirectory, lock: DirectoryLock, opened: Opened) {
    const { recovered } = opened
    this.directoryId = recovered.marker.directoryId
    this.path = options.path
    this.stateChanged = options.stateChanged ?? new Bell()
    this.report = recovered.report
    this.#options = options
    this.#lock = lock
    this.#lifecycle = new Lifecycle(options.ports.telemetry)
    this.#life = recovered.life
    this.#marker = recovered.marker
    const { files, clock, telemetry } = options.ports
    this.#space = new DirectorySpace({
      ...{ files, clock, telemetry, path: options.path, settings: options.settings },
      looked: (level) => {
        this.#applyLevel(level)
      },
    })
    for (const log of recovered.life.all()) if (log.state.role !== 'future') this.#nameLog(log)
    this.#adopt(opened)
    this.#lifecycle.spawn('watch-space', async (signal) => this.#space.run(signal))
  }

  /** Makes an empty directory ready; refuses one that is formatted already or holds anything else. */
  static async format(options: FormatLogDirectory): Promise<DirectoryId> {
    const { files, stores, entropy, path } = options
    await LogDirectory.assertEmpty(files, path)
    const id = options.directoryId ?? directoryId(entropy.uuid())
    await files.makeDirectory(path)
    await files.makeDirectory(`${path}/journal`)
    await files.makeDirectory(`${path}/segments`)
    await CommitMark.create(files, path)
    const store = await stores.open(`${path}/table`, { create: true })
    await store.close()
    const { clusterId, nodeId } = options
    await writeMarker(files, path, {
      clusterId,
      nodeId,
      directoryId: id,
      state: { type: 'stopped' },
    })
    return id
  }

  /** Rejects unless `format` may make a directory of this path. */
  static async assertEmpty(files: FileStore, path: string): Promise<void> {
    const names = (await files.exists(path)) ? await files.list(path) : []
    if (names.includes(markerName)) throw new StorageFault('exists', `${path} is formatted already`)
    if (names.length > 0)
      throw new StorageFault('denied', `${path} is not empty and was not made by sluice format`)
  }

  /** Recovers what is there; rejects with `StorageFault` and a sentence that names the directory. */
  static async open(options: OpenLogDirectory): Promise<LogDirectory> {
    const { files } = options.ports
    if (!(await files.exists(`${options.path}/${markerName}`)))
      throw new StorageFault('not-found', `${options.path} is not formatted`)
    const lock = await files.lock(options.path)
    try {
      return new LogDirectory(options, lock, await openLife(options))
    } catch (cause) {
      await lock.release()
      throw cause
    }
  }

  /** Its disk. */
  async space(): Promise<DiskSpace> {
    return this.#space.space()
  }

  /** Whether it can be written to. */
  state(): DirectoryState {
    return this.#state
  }

  /** How far the scrubber is in its present pass; undefined while it never began, or is off. */
  scrubbed(): ScrubCursor | undefined {
    return this.#life.scrubbed()
  }

  /** All logs, in no particular order. */
  logs(): readonly PartitionLog[] {
    return [...this.#logs.values()]
  }

  /** The log of a partition. */
  find(topicId: TopicId, partition: PartitionIndex): PartitionLog | undefined {
    return this.#logs.get(nameOf({ topicId, partition }))
  }

  /** Everything in it, copies that are on their way here included. */
  copies(): readonly OpenLog[] {
    return this.#life.all()
  }

  /** Bytes of a log here. */
  async bytesOf(log: OpenLog): Promise<number> {
    return this.#life.rows.bytesOf(log.state)
  }

  /** The copy of a log that is on its way here. */
  arriving(topicId: TopicId, partition: PartitionIndex): OpenLog | undefined {
    const found = this.#life.find(topicId, partition)
    return found?.state.role === 'future' ? found : undefined
  }

  /**
   * Makes a copy to be, for a log of another directory. What is here of it already goes on under the
   * number that is asked for, unless it cannot be vouched for, or was handed over to once: that starts anew.
   */
  async receive(what: CreateLog & { readonly copy: number }): Promise<OpenLog> {
    const { topicId, partition, copy } = what
    const found = this.#life.find(topicId, partition)
    if (found?.state.role === 'future' && found.state.unclean === undefined) {
      if (found.state.copy !== copy) await this.setRole(found, 'future', copy)
      return found
    }
    assert(this.find(topicId, partition) === undefined, 'a copy of a log in its own directory')
    if (found !== undefined) await this.dropLog(topicId, partition)
    return this.#life.createLog(what)
  }

  /** Says durably what a log is to its partition from now on. */
  async setRole({ state }: OpenLog, role: LogRole, copy = state.copy): Promise<void> {
    state.role = role
    state.copy = copy
    await this.#life.rows.save([state])
  }

  /** A copy that has come takes the place of its log: `log` goes on in it. */
  adoptLog(log: PartitionLog, copy: OpenLog): void {
    this.#logs.set(nameOf(log), log)
    log.moveTo(this, copy)
  }

  /** The log lives elsewhere now: what is left of it here is to be dropped. */
  forgetLog(log: PartitionLog): void {
    this.#logs.delete(nameOf(log))
  }

  /** What it has of a log is not to be trusted: a newer copy may be in a directory that is not open. */
  async distrust({ state }: OpenLog): Promise<void> {
    state.role = 'current'
    await this.#life.rows.setUnclean([state], 'corrupt')
    const { topicId, partition, end } = state
    const log: UncleanLog = { topicId, partition, reason: 'corrupt', endOffset: end }
    this.report = { ...this.report, uncleanLogs: [...this.report.uncleanLogs, log] }
  }

  /** Makes a log; it is durable when this resolves. An existing one is given back, with the segment size. */
  async createLog(what: CreateLog): Promise<PartitionLog> {
    const opened = await this.#life.createLog(what)
    return this.#nameLog(opened)
  }

  /** Drops a log and all its bytes; durable when it resolves, the files follow. Absent is fine. */
  async dropLog(topicId: TopicId, partition: PartitionIndex): Promise<void> {
    await this.#life.dropLog(topicId, partition)
    this.#logs.delete(nameOf({ topicId, partition }))
  }

  /** The controller knows of the unclean logs in `report`: the next open does not report them again. */
  async reportIsTaken(): Promise<void> {
    await this.#life.clearUnclean()
  }

  /**
   * Removes the segment files that nothing named when the directory was opened, and says how many.
   * For when the metadata is caught up and `file.delete.delay.ms` has passed: nothing is ever deleted
   * only because no row names it. They stay while rows may be missing: they may be all there is.
   */
  async removeStrays(): Promise<number> {
    if (this.report.mayMissLogs) return 0
    const strays = this.#strayFiles
    this.#strayFiles = []
    await this.#life.rows.removeFiles(strays)
    return strays.length
  }

  /** Resolves once its failure, if there was one, is in the marker, as far as the disk still takes that. */
  async failureIsMarked(): Promise<void> {
    await this.#marking
  }

  /** Settles everything and marks the stop as clean. A second call does nothing. */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    await this.#lifecycle.close()
    await this.#marking
    if (!this.#life.hasFailed()) await this.#life.settleAll()
    await this.#closeLife()
    if (!this.#life.hasFailed()) {
      const marker: Marker = { ...this.#marker, state: { type: 'stopped' } }
      await writeMarker(this.#options.ports.files, this.#options.path, marker)
    }
    await this.#lock.release()
  }

  /** Closes the present life, once. */
  async #closeLife(): Promise<void> {
    const life = this.#life
    if (life === this.#closedLife) return
    this.#closedLife = life
    await life.close()
  }

  #nameLog(opened: OpenLog): PartitionLog {
    const name = nameOf(opened.state)
    let log = this.#logs.get(name)
    if (log === undefined) {
      log = new PartitionLog(opened.state, this, opened)
      this.#logs.set(name, log)
    }
    return log
  }

  /**
   * A life begins: its logs are the ones that people hold, run as they were before. Whatever else is
   * there is not served: a copy, or a log that was moved away and not dropped yet.
   */
  #adopt({ recovered, observer }: Opened): void {
    const before = this.#life
    this.#life = recovered.life
    this.#strayFiles = recovered.strayFiles
    for (const log of this.#logs.values()) {
      const opened = recovered.life.find(log.topicId, log.partition)
      const policy = before.find(log.topicId, log.partition)?.state
      if (policy !== undefined) opened?.state.adopt(policy)
      if (opened !== undefined) log.reopen(opened)
    }
    observer.failed = (failure) => {
      this.#onFailure(failure)
    }
    observer.wrote = (bytes) => {
      this.#space.wrote(bytes)
    }
    if (observer.failure !== undefined) this.#onFailure(observer.failure)
    else this.#life.startScrubbing()
  }

  #onFailure({ cause, isNoSpace }: LifeFailure): void {
    const { telemetry } = this.#options.ports
    const { path } = this.#options
    telemetry.log('error', 'directory-takes-no-writes', { path, cause, willReopen: isNoSpace })
    this.#become(isNoSpace ? 'full' : 'offline')
    if (isNoSpace) this.#lifecycle.spawn('reopen', async (signal) => this.#reopenWhenRoomy(signal))
    else {
      this.#marking = this.#markFailed().catch((fault: unknown) => {
        telemetry.log('error', 'directory-failure-not-marked', { path, cause: fault })
      })
    }
  }

  /** A restart in this boot must not vouch for what only the page cache has. */
  async #markFailed(): Promise<void> {
    const { state } = this.#marker
    if (state.type === 'stopped') return
    const marker: Marker = { ...this.#marker, state: { ...state, type: 'failed' } }
    await writeMarker(this.#options.ports.files, this.#options.path, marker)
  }

  #become(state: DirectoryState): void {
    if (this.#state === state) return
    this.#state = state
    this.stateChanged.ring()
  }

  /**
   * The disk was full: everything is closed and recovered again as soon as there is room, which the
   * ballast makes if nothing else does. From the first try on reads wait, over all further tries, since nothing is open any more; but not for ever.
   */
  async #reopenWhenRoomy(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.ports
    let goOn: (() => void) | undefined
    try {
      let mayTryAtOnce = await this.#space.releaseBallast()
      for (;;) {
        if (!mayTryAtOnce) await sleep(clock, reopenPauseMs, signal)
        mayTryAtOnce = false
        if (signal.aborted) return
        if (!(await this.#space.hasRoomToOpen())) continue
        goOn ??= this.#suspendReads()
        if (await this.#reopen()) return
      }
    } finally {
      goOn?.()
    }
  }

  /** Lets reads wait until the returned function is called, or they have waited long enough. */
  #suspendReads(): () => void {
    let finish = (): void => undefined
    const reopening = new Promise<void>((resolve) => {
      finish = resolve
    })
    for (const log of this.#logs.values()) log.suspend(reopening)
    const timer = this.#options.ports.clock.after(readsWaitMaxMs, finish)
    return () => {
      timer.cancel()
      finish()
    }
  }

  async #reopen(): Promise<boolean> {
    const { telemetry } = this.#options.ports
    const { path } = this.#options
    try {
      await this.#closeLife()
      this.#adopt(await openLife(this.#options))
      telemetry.log('info', 'directory-reopened', { path })
      await this.#space.look()
      return true
    } catch (cause) {
      const isNoSpace = cause instanceof StorageFault && cause.code === 'no-space'
      telemetry.log('error', 'directory-not-reopened', { path, cause })
      if (!isNoSpace) this.#become('offline')
      return !isNoSpace
    }
  }

  /** What the room on the disk allows, unless a failed write has decided that already. */
  #applyLevel(level: SpaceLevel): void {
    if (this.#state === 'offline' || this.#life.hasFailed()) return
    const { path } = this.#options
    const isFull = level === 'full'
    const fault = isFull ? new StorageFault('no-space', `the disk of ${path} is full`) : undefined
    this.#life.refuseAppends(fault)
    this.#become(level === 'roomy' ? 'online' : level)
  }
}

/** Hears from a life, also before its directory is there to listen. */
interface Observer {
  failed: (failure: LifeFailure) => void
  wrote: (bytes: number) => void
  failure: LifeFailure | undefined
}

interface Opened {
  readonly recovered: Recovered
  readonly observer: Observer
}

async function openLife(options: OpenLogDirectory): Promise<Opened> {
  const observer: Observer = {
    failed: (failure) => {
      observer.failure = failure
    },
    wrote: () => undefined,
    failure: undefined,
  }
  const recovered = await recover(options, {
    failed: (failure) => {
      observer.failed(failure)
    },
    wrote: (bytes) => {
      observer.wrote(bytes)
    },
  })
  return { recovered, observer }
}
