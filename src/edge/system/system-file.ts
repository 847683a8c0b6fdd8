/**
 * One open file of the host. Positions are explicit, writes are gathered (`writev`), and a durable
 * file carries O_DSYNC, which saves the hop to the thread pool that a separate sync costs.
 */
import { type FileHandle } from 'node:fs/promises'
import { StorageFault } from '../../engine/ports/fault.ts'
import { type File } from '../../engine/ports/file-store.ts'
import { faulting } from './file-fault.ts'

/** Linux takes at most 1024 slices in one gathered write. */
const slicesMax = 1024
const zeroBytes = 1024 * 1024
let zeros: Uint8Array | undefined

/** The port over one handle. */
export class SystemFile implements File {
  readonly #path: string
  readonly #handle: FileHandle
  #isClosed = false

  constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#using('read', async () => {
      const bytes = Buffer.allocUnsafeSlow(length)
      let at = 0
      while (at < length) {
        const { bytesRead } = await this.#handle.read(bytes, at, length - at, position + at)
        if (bytesRead === 0) break
        at += bytesRead
      }
      return bytes.subarray(0, at)
    })
  }

  async write(position: number, slices: readonly Uint8Array[]): Promise<void> {
    return this.#using('write', async () => {
      let at = position
      for (let index = 0; index < slices.length; index += slicesMax)
        at += await this.#gathered(at, slices.slice(index, index + slicesMax))
    })
  }

  async sync(): Promise<void> {
    return this.#using('sync', async () => this.#handle.datasync())
  }

  async size(): Promise<number> {
    return this.#using('stat', async () => (await this.#handle.stat()).size)
  }

  async allocate(length: number): Promise<void> {
    return this.#using('allocate', async () => {
      zeros ??= new Uint8Array(zeroBytes)
      let at = (await this.#handle.stat()).size
      while (at < length)
        at += await this.#gathered(at, [zeros.subarray(0, Math.min(zeroBytes, length - at))])
    })
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await faulting(`close ${this.#path}`, async () => this.#handle.close())
  }

  /** Writes all of the slices, however often the kernel takes only a part; the number of bytes. */
  async #gathered(position: number, slices: readonly Uint8Array[]): Promise<number> {
    let left = slices.filter((slice) => slice.length > 0)
    let at = position
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, at)
      if (bytesWritten === 0) throw new StorageFault('io', `write ${this.#path}: nothing written`)
      at += bytesWritten
      left = after(left, bytesWritten)
    }
    return at - position
  }

  async #using<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StorageFault('closed', `${what} ${this.#path}: it is closed`)
    return faulting(`${what} ${this.#path}`, work)
  }
}

function after(slices: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes
  const left: Uint8Array[] = []
  for (const slice of slices) {
    if (skip >= slice.length) skip -= slice.length
    else {
      left.push(slice.subarray(skip))
      skip = 0
    }
  }
  return left
}
