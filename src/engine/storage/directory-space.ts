/**
 * How much room a directory's disk has, looked at every second, also while nothing is written, and
 * again after every 16 MiB. Two lines: below the reserve producers are refused, so that what is left
 * is for followers, retention and compaction; below an eighth of it nothing is appended at all, so
 * that the disk does not fill up in the middle of a write.
 *
 * The ballast is a file to be thrown overboard: should the disk fill up all the same, removing it
 * makes the room in which the directory is recovered, and then records can be deleted.
 */
import { type Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/fault.ts'
import { type FileStore } from '../ports/file-store.ts'
import { type Telemetry } from '../ports/telemetry.ts'
import { Bell } from '../runtime/bell.ts'
import { type StorageSettings } from './storage-settings.ts'

/** `low`: below the reserve; `full`: nothing may be appended. */
export type SpaceLevel = 'roomy' | 'low' | 'full'

/** The disk of a directory. */
export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
  /** What is to stay free of it. */
  readonly reserveBytes: number
}

/** What is watched, and for whom. */
export interface DirectorySpaceParts {
  readonly files: FileStore
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly path: string
  readonly settings: StorageSettings
  /** Called after each look. */
  readonly looked: (level: SpaceLevel) => void
}

const lookMs = 1000
const lookBytes = 16 * 1024 * 1024
const autoReserveBytesMin = 1024 * 1024 * 1024
const autoReserveShare = 0.05
const ballastName = 'ballast'

/** Watches the room of one directory. */
export class DirectorySpace {
  readonly #parts: DirectorySpaceParts
  readonly #due = new Bell()
  #unseenBytes = 0
  #level: SpaceLevel = 'roomy'
  #hasBallast = false

  constructor(parts: DirectorySpaceParts) {
    this.#parts = parts
  }

  /** Looks from time to time until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { settings, clock, files, path } = this.#parts
    if (settings.reserveBytes === 0 && settings.ballastBytes === 0) return
    this.#hasBallast = await files.exists(`${path}/${ballastName}`)
    while (!signal.aborted) {
      await this.look()
      await this.#due.wait({ signal, timeout: { clock, ms: lookMs } })
    }
  }

  /** So much was written: from time to time that is a reason to look. */
  wrote(bytes: number): void {
    this.#unseenBytes += bytes
    if (this.#unseenBytes < lookBytes) return
    this.#unseenBytes = 0
    this.#due.ring()
  }

  /** Looks now. */
  async look(): Promise<void> {
    const { settings, telemetry, path, looked } = this.#parts
    const space = await this.space()
    const level = this.#levelOf(space)
    if (level !== this.#level) telemetry.log(level === 'roomy' ? 'info' : 'warn', 'directory-space', { path, level, ...space }) // prettier-ignore
    this.#level = level
    looked(level)
    const isAmple = space.freeBytes > space.reserveBytes + 4 * settings.ballastBytes
    if (level === 'roomy' && isAmple) await this.#takeBallast()
  }

  /** The disk as it is now. */
  async space(): Promise<DiskSpace> {
    const { files, path, settings } = this.#parts
    const space = await files.space(path)
    const auto = Math.max(autoReserveBytesMin, Math.floor(space.totalBytes * autoReserveShare))
    return { ...space, reserveBytes: settings.reserveBytes < 0 ? auto : settings.reserveBytes }
  }

  /** Whether a directory can be recovered in the room that there is. */
  async hasRoomToOpen(): Promise<boolean> {
    const { freeBytes } = await this.space()
    return freeBytes > this.#parts.settings.journalFirstBytes
  }

  /** Throws the ballast overboard; true when there was some. */
  async releaseBallast(): Promise<boolean> {
    if (!this.#hasBallast) return false
    const { files, path, telemetry } = this.#parts
    this.#hasBallast = false
    await files.remove(`${path}/${ballastName}`)
    telemetry.log('warn', 'ballast-released', { path })
    return true
  }

  #levelOf({ freeBytes, reserveBytes }: DiskSpace): SpaceLevel {
    const floorBytes = Math.max(reserveBytes / 8, this.#parts.settings.journalFirstBytes)
    if (freeBytes <= floorBytes) return 'full'
    return freeBytes <= reserveBytes ? 'low' : 'roomy'
  }

  async #takeBallast(): Promise<void> {
    const { files, path, settings, telemetry } = this.#parts
    if (this.#hasBallast || settings.ballastBytes === 0) return
    this.#hasBallast = true
    try {
      const file = await files.open(`${path}/${ballastName}`, { mode: 'create' })
      await file.allocate(settings.ballastBytes)
      await file.close()
    } catch (cause) {
      if (!(cause instanceof StorageFault)) throw cause
      telemetry.log('warn', 'no-ballast', { path, cause })
    }
  }
}
