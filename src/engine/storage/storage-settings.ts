/** The sizes and pauses of one log directory, taken from the node's settings by the kind of directory. */
import { type Settings } from '../../core/config/settings.ts'

const kib = 1024
const mib = 1024 * kib

/** How a directory is run. */
export interface StorageSettings {
  /** Size of a journal file once the directory has shown that it is busy. */
  readonly journalBytes: number
  /** Size of the first journal file: small, so that a new directory is ready at once. */
  readonly journalFirstBytes: number
  /** Journal files of one flush mode in use, over which appends are held back. */
  readonly journalCountMax: number
  /** A log with this much in a group is written straight to its segment file. */
  readonly directBytesMin: number
  /** Unsettled bytes of a log that make it settle. */
  readonly settleBytes: number
  /** Unsettled bytes of all logs over which appends are held back. */
  readonly unsettledBytesMax: number
  /** Memory for the newest batches whose place on disk is known. */
  readonly tailCacheBytes: number
  /** Longest time that a write of `flush=interval` stays unsynced. */
  readonly flushIntervalMs: number
  /** Free bytes under which producers are refused; 0: none, below 0: as much as the disk asks for. */
  readonly reserveBytes: number
  /** Within which everything on disk is read again and checked; 0 or less: never. */
  readonly scrubIntervalMs: number
  /** Size of the file that is removed when the disk is full all the same; 0: none. */
  readonly ballastBytes: number
  /** Segment files held open at once. */
  readonly openFilesMax: number
}

/** For the directory of record logs. */
export function dataStorageSettings(settings: Settings): StorageSettings {
  return {
    journalBytes: 32 * mib,
    journalFirstBytes: mib,
    journalCountMax: 16,
    directBytesMin: 32 * kib,
    settleBytes: 64 * kib,
    unsettledBytesMax: settings['queued.max.bytes'],
    tailCacheBytes: settings['log.tail.cache.bytes'],
    flushIntervalMs: settings['log.flush.interval.ms'],
    reserveBytes: settings['log.dir.reserve.bytes'],
    scrubIntervalMs: settings['log.scrub.interval.ms'],
    ballastBytes: settings['log.dir.ballast.bytes'],
    openFilesMax: 2048,
  }
}

/** For the directory of the metadata log: one quiet log. */
export function metadataStorageSettings(settings: Settings): StorageSettings {
  return {
    ...dataStorageSettings(settings),
    journalBytes: 4 * mib,
    journalFirstBytes: mib / 4,
    unsettledBytesMax: 16 * mib,
    tailCacheBytes: 4 * mib,
    reserveBytes: 0,
    scrubIntervalMs: 0,
    ballastBytes: 0,
    openFilesMax: 16,
  }
}
