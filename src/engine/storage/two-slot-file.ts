/**
 * A small file with two slots, each 4 KiB apart and with a CRC of its own: the newer sound slot
 * counts, and a write never touches it, so a torn write or a flipped bit leaves the other.
 *
 *   0 magic   4 sequence 8   12 length 4   16 bytes …   then CRC32C over all before
 */
import { viewOf } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import { StorageFault } from '../ports/fault.ts'
import { type File, type FileStore } from '../ports/file-store.ts'
import { putInt64, takeInt64 } from './int64.ts'

const magic = 0x534c3253
const slotBytes = 4096
const headBytes = 16
const crcBytes = 4

interface Slot {
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** An open two-slot file. One write at a time is the caller's business. */
export class TwoSlotFile {
  readonly #file: File
  #sequence: number
  #slotIndex: number
  #bytes: Uint8Array | undefined

  private constructor(file: File, newest: Slot | undefined, slotIndex: number) {
    this.#file = file
    this.#sequence = newest?.sequence ?? 0
    this.#bytes = newest?.bytes
    this.#slotIndex = slotIndex
  }

  /** Makes an empty file of two slots and makes it durable; its directory is the caller's to sync. */
  static async create(files: FileStore, path: string): Promise<TwoSlotFile> {
    const file = await files.open(path, { mode: 'create', durable: true })
    await file.allocate(2 * slotBytes)
    await file.sync()
    return new TwoSlotFile(file, undefined, 0)
  }

  /** Opens one; rejects with `corrupt` when something was written and neither slot is sound. */
  static async open(
    files: FileStore,
    path: string,
    mode: 'read' | 'write' = 'write',
  ): Promise<TwoSlotFile> {
    const file = await files.open(path, { mode, durable: mode === 'write' })
    const bytes = await file.read(0, 2 * slotBytes)
    const slots = [slotIn(bytes, 0), slotIn(bytes, slotBytes)]
    const [first, second] = slots
    if (first === undefined && second === undefined && bytes.some((byte) => byte !== 0)) {
      await file.close()
      throw new StorageFault('corrupt', `neither slot of ${path} is sound`)
    }
    const isSecondNewer = (second?.sequence ?? -1) > (first?.sequence ?? -1)
    return isSecondNewer ? new TwoSlotFile(file, second, 1) : new TwoSlotFile(file, first, 0)
  }

  /** What the newest sound slot holds; absent before the first write. */
  load(): Uint8Array | undefined {
    return this.#bytes
  }

  /** Writes the older slot; durable when it resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    const slot = new Uint8Array(headBytes + bytes.length + crcBytes)
    const view = viewOf(slot)
    this.#sequence += 1
    this.#slotIndex = 1 - this.#slotIndex
    view.setUint32(0, magic)
    putInt64(view, 4, this.#sequence)
    view.setUint32(12, bytes.length)
    slot.set(bytes, headBytes)
    view.setUint32(slot.length - crcBytes, crc32c(slot.subarray(0, slot.length - crcBytes)))
    await this.#file.write(this.#slotIndex * slotBytes, [slot])
    this.#bytes = bytes
  }

  /** Writes both slots, one after the other, so that no slot says anything older. */
  async writeBoth(bytes: Uint8Array): Promise<void> {
    await this.write(bytes)
    await this.write(bytes)
  }

  /** Closes it; a second call does nothing. */
  async close(): Promise<void> {
    await this.#file.close()
  }
}

function slotIn(bytes: Uint8Array, at: number): Slot | undefined {
  if (bytes.length < at + headBytes + crcBytes) return undefined
  const view = viewOf(bytes)
  const length = view.getUint32(at + 12)
  const crcAt = at + headBytes + length
  if (view.getUint32(at) !== magic || length > slotBytes - headBytes - crcBytes) return undefined
  if (crcAt + crcBytes > bytes.length) return undefined
  if (view.getUint32(crcAt) !== crc32c(bytes.subarray(at, crcAt))) return undefined
  return {
    sequence: takeInt64(view, at + 4),
    bytes: bytes.slice(at + headBytes, crcAt),
  }
}
