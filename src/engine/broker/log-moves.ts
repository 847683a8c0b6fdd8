/**
 * The moves between log directories that this broker was asked for, or finds half-done when it
 * starts: one at a time, throttled, tried again when a directory failed to take it.
 */
import { type DirectoryId } from '../../base/id.ts'
import { StorageFault } from '../ports/fault.ts'
import { type Clock } from '../ports/clock.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { Bell } from '../runtime/bell.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { partitionKey } from '../../core/replica/fetch-plan.ts'
import { type HostedPartition } from './hosted-partition.ts'
import { moveLog } from './log-move.ts'

/** What moves work with. */
export interface LogMovesParts {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly directories: LogDirectories
  readonly find: (key: string) => HostedPartition | undefined
  /** Bytes a second to copy at most; below 0: no limit. */
  readonly bytesPerSecondMax: () => number
  /** A log lives in another directory now, or was held for a moment. */
  readonly moved: (hosted: HostedPartition) => void
}

const retryMs = 1000

/** Moves logs of one broker. */
export class LogMoves {
  readonly #parts: LogMovesParts
  readonly #wanted = new Map<string, DirectoryId>()
  readonly #changed = new Bell()

  constructor(parts: LogMovesParts) {
    this.#parts = parts
    for (const { to, ...id } of parts.directories.arriving())
      this.#wanted.set(partitionKey(id), to.directoryId)
  }

  /** Moves a log, soon; to the directory where it is: gives up its move. */
  request(hosted: HostedPartition, to: DirectoryId): void {
    if (hosted.log.home().directoryId === to) this.#wanted.delete(hosted.key)
    else this.#wanted.set(hosted.key, to)
    this.#changed.ring()
  }

  /** Moves until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    while (!signal.aborted) {
      let hasFailed = false
      for (const [key, to] of [...this.#wanted])
        if (!(await this.#tryOne(key, to, signal))) hasFailed = true
      await this.#dropUnwanted()
      if (this.#wanted.size === 0) await this.#changed.wait({ signal })
      else if (hasFailed) await this.#changed.wait({ signal, timeout: { clock, ms: retryMs } })
    }
  }

  /** False when it has to be tried again later. */
  async #tryOne(key: string, id: DirectoryId, signal: AbortSignal): Promise<boolean> {
    const { clock, directories, telemetry, find, moved, bytesPerSecondMax } = this.#parts
    const hosted = find(key)
    const to = directories.withId(id)
    if (hosted === undefined || to === undefined) return false
    const isWanted = (): boolean =>
      !signal.aborted && !hosted.isDropped() && this.#wanted.get(key) === id
    const fields = { topic: hosted.topicName, partition: hosted.partition, to: to.path }
    telemetry.log('info', 'log-move-started', fields)
    try {
      const isMoved = await moveLog({
        ...{ directories, hosted, to, isWanted },
        bytesPerSecondMax,
        admit: async (ms) => this.#changed.wait({ signal, timeout: { clock, ms } }),
      })
      if (!isMoved) return true
      this.#wanted.delete(key)
      telemetry.log('info', 'log-moved', fields)
      moved(hosted)
      await directories.dropLeft(hosted.log)
      return true
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      telemetry.log('warn', 'log-move-failed', { ...fields, cause })
      moved(hosted)
      return false
    }
  }

  /** What has come over of moves that were given up is of no use. */
  async #dropUnwanted(): Promise<void> {
    const { directories, telemetry } = this.#parts
    for (const { to, ...id } of directories.arriving()) {
      if (this.#wanted.get(partitionKey(id)) === to.directoryId) continue
      try {
        await to.dropLog(id.topicId, id.partition)
      } catch (cause) {
        if (!(cause instanceof StorageFault)) throw cause
        telemetry.log('warn', 'log-not-dropped', { ...id, cause })
      }
    }
  }
}
