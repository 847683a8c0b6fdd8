/**
 * Files as the engine sees them: positions are explicit, nothing is appended implicitly, and a
 * durable file's write returns only when its bytes would survive a power loss. Paths are absolute,
 * with `/` between names. Implemented by `edge/system` on real files and by `sim/sim-disk`.
 *
 * Faults: every call rejects with `StorageFault`. After a failed write or sync of a file its owner
 * must not write to that file again in this life (pages may be marked clean though they are lost).
 */

/** How to open a file. */
export interface OpenFile {
  /** `read` and `write` need an existing file; `create` fails with `exists` when there is one. */
  readonly mode: 'read' | 'write' | 'create'
  /** O_DSYNC: each write returns only when it is durable. Default false. */
  readonly durable?: boolean
}

/** An open file. One writer at a time per range is the caller's business. */
export interface File {
  /** Bytes at `position`, fewer than `length` only at the end of the file. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>
  /** Writes the slices one after the other from `position` on, in one gathered write. */
  readonly write: (position: number, slices: readonly Uint8Array[]) => Promise<void>
  /** fdatasync: everything written before is durable (size included) when it resolves. */
  readonly sync: () => Promise<void>
  /** Size in bytes. */
  readonly size: () => Promise<number>
  /** Reserves and zero-fills the file up to `length` bytes, so that later writes inside it do not grow it. */
  readonly allocate: (length: number) => Promise<void>
  /** Closes it; a second call does nothing. */
  readonly close: () => Promise<void>
}

/** An exclusive hold on a directory by this process; released by `release` or when the process ends. */
export interface DirectoryLock {
  readonly release: () => Promise<void>
}

/** The file system. */
export interface FileStore {
  readonly open: (path: string, how: OpenFile) => Promise<File>
  /** Names in a directory, sorted; rejects with `not-found`. */
  readonly list: (directory: string) => Promise<readonly string[]>
  /** Creates a directory and its parents where absent (parents are synced). */
  readonly makeDirectory: (directory: string) => Promise<void>
  /** fsync of a directory: names created, renamed or removed in it before are durable. */
  readonly syncDirectory: (directory: string) => Promise<void>
  readonly rename: (from: string, to: string) => Promise<void>
  /** Removes a file, or a directory with all in it; absent is fine. */
  readonly remove: (path: string) => Promise<void>
  readonly exists: (path: string) => Promise<boolean>
  /** Free and total bytes of the file system that holds `path`. */
  readonly space: (
    path: string,
  ) => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
  /** Takes the lock file of a directory; rejects with `locked` when another process holds it. */
  readonly lock: (directory: string) => Promise<DirectoryLock>
  /** Id of this boot of the machine: it tells a process kill (same id) from a machine crash. */
  readonly bootId: () => Promise<string>
}
