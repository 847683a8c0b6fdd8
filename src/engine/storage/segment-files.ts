/**
 * Segment files: append-only, each owned by one log, named by an id that is never used twice. A
 * byte position is written once; a file goes as a whole. Few are open at once: handles are kept in
 * order of use, and closed or unlinked only when nobody holds them.
 *
 *   header, 64 bytes: magic 'SLSG' 4, format 4, directory id 16, topic id 16, partition 4, log id 4,
 *   file id 4, 8 free, CRC32C 4; then batches, as they were appended
 */
import { equalBytes, viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { type DirectoryId, type PartitionIndex, type TopicId } from '../../base/id.ts'
import { uuidToBytes } from '../../base/uuid.ts'
import { StorageFault } from '../ports/fault.ts'
import { type File, type FileStore } from '../ports/file-store.ts'
import { Coalescer } from '../runtime/coalescer.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { closeOnFailure } from './guard.ts'

/** Bytes of a segment file before its batches. */
export const segmentHeaderBytes = 64

const magic = 0x534c5347
const formatNumber = 1
const suffix = '.segment'

/** Name of a segment file in its folder. */
export function segmentFileName(fileId: number): string {
  return `${fileId.toString(16).padStart(8, '0')}${suffix}`
}

/** Which log a file belongs to. */
export interface SegmentOwner {
  readonly logId: number
  readonly topicId: TopicId
  readonly partition: PartitionIndex
}

/** An open segment file; `release` it as often as it was acquired. */
export interface SegmentHandle {
  readonly fileId: number
  readonly file: File
  readonly canWrite: boolean
  referenceCount: number
}

interface Opening {
  readonly handle: Promise<SegmentHandle>
  /** Who will hold the file as soon as it is open. */
  waiterCount: number
}

/** The segment files of a directory. */
export class SegmentFiles {
  readonly #files: FileStore
  readonly #directory: string
  readonly #directoryId: DirectoryId
  readonly #openMax: number
  readonly #lifecycle: Lifecycle
  readonly #open = new Map<number, SegmentHandle>()
  readonly #opening = new Map<number, Opening>()
  readonly #doomed = new Set<number>()
  readonly #names: Coalescer

  constructor(options: {
    readonly files: FileStore
    readonly directory: string
    readonly directoryId: DirectoryId
    readonly openFilesMax: number
    readonly lifecycle: Lifecycle
  }) {
    this.#files = options.files
    this.#directory = options.directory
    this.#directoryId = options.directoryId
    this.#openMax = options.openFilesMax
    this.#lifecycle = options.lifecycle
    this.#names = new Coalescer(async () => this.#files.syncDirectory(this.#directory))
  }

  /** Ids of all segment files in the directory. */
  async list(): Promise<readonly number[]> {
    const names = await this.#files.list(this.#directory)
    return names.filter((name) => name.endsWith(suffix)).map((name) => Number.parseInt(name, 16))
  }

  /** Makes a file; it, its header and its name are durable when this resolves. */
  async create(fileId: number, owner: SegmentOwner, isDurable: boolean): Promise<void> {
    const path = this.pathOf(fileId)
    const file = await this.#files.open(path, { mode: 'create', durable: isDurable })
    await closeOnFailure(file, async () => {
      await file.write(0, [segmentHeader(this.#directoryId, fileId, owner)])
      await file.sync()
      await this.#names.run()
    })
    this.#keep({ fileId, file, canWrite: true, referenceCount: 0 })
  }

  /** An open file for writing, held; rejects with `corrupt` when it is not a file of that log. */
  async acquireWriter(
    fileId: number,
    owner: SegmentOwner,
    isDurable: boolean,
  ): Promise<SegmentHandle> {
    const open = this.holdWriter(fileId)
    if (open !== undefined) return open
    const handle = await this.#acquire(fileId, { mode: 'write', durable: isDurable })
    try {
      const header = await handle.file.read(0, segmentHeaderBytes)
      if (!equalBytes(header, segmentHeader(this.#directoryId, fileId, owner)))
        throw new StorageFault('corrupt', `${this.pathOf(fileId)} is not a segment of its log`)
      return handle
    } catch (cause) {
      this.release(handle)
      throw cause
    }
  }

  /** The open file for writing, held; undefined when it is not open. */
  holdWriter(fileId: number): SegmentHandle | undefined {
    const handle = this.#open.get(slotOf(fileId, true))
    if (handle === undefined) return undefined
    this.#touch(handle)
    return handle
  }

  /** An open file for reading, held. */
  async acquire(fileId: number): Promise<SegmentHandle> {
    return this.holdWriter(fileId) ?? this.#acquire(fileId, { mode: 'read' })
  }

  /** Gives a hold back. */
  release(handle: SegmentHandle): void {
    handle.referenceCount -= 1
    if (handle.referenceCount > 0) return
    if (this.#doomed.has(handle.fileId)) this.#drop(handle)
    else this.#shrink()
  }

  /** Removes files; readers that hold one go on reading. */
  async remove(fileIds: readonly number[]): Promise<void> {
    for (const fileId of fileIds) {
      this.#doomed.add(fileId)
      for (const canWrite of [false, true]) {
        const handle = this.#open.get(slotOf(fileId, canWrite))
        if (handle?.referenceCount === 0) this.#drop(handle)
      }
      await this.#files.remove(this.pathOf(fileId))
    }
    if (fileIds.length > 0) await this.#names.run()
  }

  /** Makes the names in the directory durable. */
  async syncNames(): Promise<void> {
    await this.#names.run()
  }

  /** Size of a file that may be a stray. */
  async sizeOf(fileId: number): Promise<number> {
    const handle = await this.acquire(fileId)
    try {
      return await handle.file.size()
    } finally {
      this.release(handle)
    }
  }

  /** Where a file lies. */
  pathOf(fileId: number): string {
    return `${this.#directory}/${segmentFileName(fileId)}`
  }

  /** Closes all files. */
  async close(): Promise<void> {
    for (const handle of this.#open.values()) await handle.file.close()
    this.#open.clear()
  }

  async #acquire(
    fileId: number,
    how: { readonly mode: 'read' | 'write'; readonly durable?: boolean },
  ): Promise<SegmentHandle> {
    const slot = slotOf(fileId, how.mode === 'write')
    const open = this.#open.get(slot)
    if (open !== undefined) {
      this.#touch(open)
      return open
    }
    let opening = this.#opening.get(slot)
    if (opening === undefined) {
      opening = { handle: this.#openFile(fileId, how), waiterCount: 0 }
      this.#opening.set(slot, opening)
    }
    opening.waiterCount += 1
    return opening.handle
  }

  async #openFile(
    fileId: number,
    how: { readonly mode: 'read' | 'write'; readonly durable?: boolean },
  ): Promise<SegmentHandle> {
    const canWrite = how.mode === 'write'
    const slot = slotOf(fileId, canWrite)
    try {
      const file = await this.#files.open(this.pathOf(fileId), how)
      const referenceCount = this.#opening.get(slot)?.waiterCount ?? 0
      const handle: SegmentHandle = { fileId, file, canWrite, referenceCount }
      this.#keep(handle)
      return handle
    } finally {
      this.#opening.delete(slot)
    }
  }

  #keep(handle: SegmentHandle): void {
    this.#open.set(slotOf(handle.fileId, handle.canWrite), handle)
    this.#shrink(handle)
  }

  /** Takes a hold; the handle is the last one to be closed now. */
  #touch(handle: SegmentHandle): void {
    const slot = slotOf(handle.fileId, handle.canWrite)
    handle.referenceCount += 1
    this.#open.delete(slot)
    this.#open.set(slot, handle)
  }

  #shrink(except?: SegmentHandle): void {
    if (this.#open.size <= this.#openMax) return
    for (const handle of this.#open.values()) {
      if (handle.referenceCount > 0 || handle === except) continue
      this.#drop(handle)
      if (this.#open.size <= this.#openMax) return
    }
  }

  #drop(handle: SegmentHandle): void {
    this.#open.delete(slotOf(handle.fileId, handle.canWrite))
    this.#lifecycle.spawn('close-segment', async () => handle.file.close())
  }
}

/** The bytes that a segment file of a log begins with. */
export function segmentHeader(
  directoryId: DirectoryId,
  fileId: number,
  owner: SegmentOwner,
): Uint8Array {
  const header = new Uint8Array(segmentHeaderBytes)
  const view = viewOf(header)
  view.setUint32(0, magic)
  view.setUint32(4, formatNumber)
  header.set(uuidToBytes(directoryId), 8)
  header.set(uuidToBytes(owner.topicId), 24)
  view.setUint32(40, owner.partition)
  view.setUint32(44, owner.logId)
  view.setUint32(48, fileId)
  view.setUint32(60, crc32c(header.subarray(0, 60)))
  return header
}

function slotOf(fileId: number, canWrite: boolean): number {
  return fileId * 2 + (canWrite ? 1 : 0)
}
