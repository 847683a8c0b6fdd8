/**
 * The disk of one simulated machine: a tree of names over inodes, with what is durable kept apart
 * from what a running process sees. It outlives the processes that use it: `filesOf` gives each life
 * its own file store.
 *
 * Invariants:
 * - a name that was created, renamed or removed survives a power loss surely only after its
 *   directory was synced;
 * - nothing but `powerLoss` takes away what a process could see.
 */
import { type Random } from '../base/random.ts'
import { type SimDatabase } from './sim-database.ts'
import { DiskFaults } from './sim-disk-faults.ts'
import { SimInode } from './sim-inode.ts'
import { type SimProcess } from './sim-process.ts'

/** What a path stands for. */
export type DiskEntry =
  | { readonly type: 'file'; readonly inode: SimInode }
  | { readonly type: 'directory' }
  | { readonly type: 'database'; readonly database: SimDatabase }

/** Names of a tree, by absolute path. */
export type Names = Map<string, DiskEntry>

interface NameChange {
  readonly directories: readonly string[]
  readonly apply: (names: Names) => void
}

/** Bytes, names, locks and faults of one machine's disk. */
export class SimDisk {
  readonly faults = new DiskFaults()
  readonly random: Random
  /** Bytes it holds before writes fail with `no-space`. */
  capacityBytes = Infinity
  /** Multiplies how long everything takes. */
  slowness = 1
  readonly #locks = new Map<string, SimProcess>()
  #names: Names = new Map()
  readonly #durableNames: Names = new Map()
  #changes: NameChange[] = []
  #inodeCount = 0
  #bootNumber: number

  constructor(random: Random) {
    this.random = random
    this.#bootNumber = random.below(0x40000000)
  }

  /** Id of the present boot. */
  bootId(): string {
    return `sim-boot-${this.#bootNumber}`
  }

  /** What `path` stands for now. */
  find(path: string): DiskEntry | undefined {
    return path === '' || path === '/' ? { type: 'directory' } : this.#names.get(path)
  }

  /** Sorted names in a directory. */
  list(directory: string): readonly string[] {
    const prefix = `${directory === '/' ? '' : directory}/`
    const names: string[] = []
    for (const path of this.#names.keys())
      if (path.startsWith(prefix) && !path.includes('/', prefix.length))
        names.push(path.slice(prefix.length))
    return names.sort()
  }

  /** All file paths, sorted. */
  filePaths(): readonly string[] {
    return [...this.#names].flatMap(([path, entry]) => (entry.type === 'file' ? [path] : [])).sort()
  }

  /** A new empty file, without a name yet. */
  newInode(): SimInode {
    this.#inodeCount += 1
    return new SimInode(this.#inodeCount)
  }

  /** Changes names now; durable when one of `directories` is synced. */
  change(directories: readonly string[], apply: (names: Names) => void): void {
    apply(this.#names)
    this.#changes.push({ directories, apply })
  }

  /** Makes the changes in a directory durable. */
  syncDirectory(directory: string): void {
    const kept: NameChange[] = []
    for (const change of this.#changes)
      if (change.directories.includes(directory)) change.apply(this.#durableNames)
      else kept.push(change)
    this.#changes = kept
  }

  /** Takes a directory's lock for a process; false when a live one holds it. */
  lock(directory: string, process: SimProcess): boolean {
    const holder = this.#locks.get(directory)
    if (holder?.isAlive === true) return false
    this.#locks.set(directory, process)
    return true
  }

  /** Gives a lock back. */
  unlock(directory: string, process: SimProcess): void {
    if (this.#locks.get(directory) === process) this.#locks.delete(directory)
  }

  /** Bytes in files and databases. */
  usedBytes(): number {
    let bytes = 0
    for (const entry of this.#names.values()) {
      if (entry.type === 'file') bytes += entry.inode.size
      if (entry.type === 'database') bytes += entry.database.usedBytes()
    }
    return bytes
  }

  /** Whether `bytes` more fit. */
  hasRoom(bytes: number): boolean {
    return this.capacityBytes === Infinity || this.usedBytes() + bytes <= this.capacityBytes
  }

  /** How long an act takes, in virtual milliseconds. */
  latencyMs(act: 'read' | 'write' | 'sync' | 'name'): number {
    const base = { read: 0.05, write: 0.02, sync: 0.2, name: 0.03 }[act]
    const isSlow = this.random.chance(0.01)
    return base * (0.5 + this.random.next()) * (isSlow ? 10 : 1) * this.slowness
  }

  /**
   * The machine loses power: of what was not durable a part survives, drawn from the seed. The
   * processes on it must have been killed. The next boot has another id.
   */
  powerLoss(): void {
    const { random } = this
    const style = random.below(3)
    let isKeeping = style !== 0
    for (const change of this.#changes) {
      if (style === 1) isKeeping &&= random.chance(0.7)
      if (isKeeping && (style === 1 || random.chance(0.5))) change.apply(this.#durableNames)
    }
    this.#changes = []
    this.#names = new Map(this.#durableNames)
    this.#locks.clear()
    this.#bootNumber += 1
    for (const path of [...this.#names.keys()].sort()) {
      const entry = this.#names.get(path)
      if (entry?.type === 'file') entry.inode.crash(random)
      if (entry?.type === 'database') entry.database.powerLoss(random)
    }
  }

  /** Flips one bit of a file for good. */
  flipBit(path: string, position: number, bit = 0): void {
    const entry = this.find(path)
    if (entry?.type === 'file') entry.inode.flipBit(position, bit)
  }
}

/** The directory of a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
