/**
 * How journal files are read when a directory is opened: headers and entries of all groups first,
 * past the bodies; then the bodies of those groups that need to be looked at, many small ones at
 * once.
 */
import { decodeGroup, groupAlignBytes, tableBytesAt, type ReadGroup } from './journal-group.ts'
import { type RingFile } from './journal-ring.ts'

/** A group in its file. */
export interface FoundGroup extends Omit<ReadGroup, 'bodiesAt' | 'endAt'> {
  readonly file: RingFile
  readonly bodiesPosition: number
}

const windowBytesMin = 64 * 1024
const windowBytesMax = 1024 * 1024
const spanBytesMax = 256 * 1024
const nothing = new Uint8Array(0)

/** Every group with a right CRC, at every boundary, not below the floor. */
export async function scanGroups(
  file: RingFile,
  floor: number,
  seed: number,
): Promise<readonly FoundGroup[]> {
  const groups: FoundGroup[] = []
  const window = new Window(file)
  let at = 0
  while (at < file.capacity) {
    if (!window.has(at, groupAlignBytes)) await window.moveTo(at)
    const tableBytes = tableBytesAt(window.bytes, at - window.from) ?? 0
    if (!window.has(at, tableBytes) && at + tableBytes <= file.capacity)
      await window.moveTo(at, tableBytes)
    const group = decodeGroup(window.bytes, at - window.from, seed)
    at += groupAlignBytes
    if (group === undefined) continue
    const { bodiesAt, endAt, ...rest } = group
    const bodiesPosition = window.from + bodiesAt
    if (bodiesPosition + group.bodiesBytes > file.capacity) continue
    at = window.from + endAt
    if (group.number >= floor) groups.push({ ...rest, file, bodiesPosition })
  }
  return groups
}

/** A part of a file in memory: small after a jump, larger and larger where there is nothing to jump over. */
class Window {
  from = 0
  bytes: Uint8Array = nothing
  readonly #file: RingFile
  #length = windowBytesMin

  constructor(file: RingFile) {
    this.#file = file
  }

  /** Whether it has as much, or everything up to the end of the file. */
  has(position: number, length: number): boolean {
    const end = Math.min(position + length, this.#file.capacity)
    return position >= this.from && end <= this.from + this.bytes.length
  }

  async moveTo(position: number, lengthMin = 0): Promise<void> {
    const isNext = position === this.from + this.bytes.length
    this.#length = isNext ? Math.min(this.#length * 2, windowBytesMax) : windowBytesMin
    this.bytes = await this.#file.file.read(position, Math.max(this.#length, lengthMin))
    this.from = position
  }
}

/** Reads the bodies of groups in their order; neighbours in a file come with one read. */
export class BodyReader {
  readonly #groups: readonly FoundGroup[]
  #at = 0
  #file: RingFile | undefined
  #from = 0
  #span: Uint8Array = nothing

  /** All groups that will be asked for, in this order. */
  constructor(groups: readonly FoundGroup[]) {
    this.#groups = groups
  }

  /** The bodies of one of them, behind the one before. */
  async read(group: FoundGroup): Promise<Uint8Array> {
    while (this.#at < this.#groups.length && this.#groups[this.#at] !== group) this.#at += 1
    const { file, bodiesPosition, bodiesBytes } = group
    const end = bodiesPosition + bodiesBytes
    const isInSpan =
      file === this.#file && bodiesPosition >= this.#from && end <= this.#from + this.#span.length
    if (!isInSpan) {
      this.#file = file
      this.#from = bodiesPosition
      this.#span = await file.file.read(bodiesPosition, this.#spanEnd(group) - bodiesPosition)
    }
    return this.#span.subarray(bodiesPosition - this.#from, end - this.#from)
  }

  /** Where the last group ends that is near enough to come along. */
  #spanEnd({ file, bodiesPosition, bodiesBytes }: FoundGroup): number {
    let end = bodiesPosition + bodiesBytes
    for (let index = this.#at + 1; index < this.#groups.length; index++) {
      const group = this.#groups[index]
      if (group?.file !== file || group.bodiesPosition < end) break
      const next = group.bodiesPosition + group.bodiesBytes
      if (next - bodiesPosition > spanBytesMax) break
      end = next
    }
    return end
  }
}
