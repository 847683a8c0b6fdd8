/** A file that takes frames: those that arrive while a write is under way share the next one. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

const bytesMax = 4 * 1024 ** 3

/** Written from the start again once it is large. */
export class FrameFile {
  readonly #file: FileHandle
  #waiting: { frame: Uint8Array; resolve: () => void; reject: (cause: unknown) => void }[] = []
  #at = 0
  #isWriting = false

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** `isDurable`: a write is on the disk when it returns (O_DSYNC). */
  static async open(path: string, isDurable: boolean): Promise<FrameFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | (isDurable ? constants.O_DSYNC : 0)
    return new FrameFile(await open(path, flags))
  }

  /** Resolves when the frame is written. */
  async append(frame: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, resolve, reject })
      if (!this.#isWriting) this.#write()
    })
  }

  /** So many bytes from a place that has been written. */
  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(length)
    await this.#file.read(bytes, 0, length, at)
    return bytes
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #write(): void {
    const group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    this.#isWriting = true
    const at = this.#at
    this.#at = at > bytesMax ? 0 : at + group.reduce((sum, { frame }) => sum + frame.length, 0)
    this.#file
      .writev(
        group.map(({ frame }) => frame),
        at,
      )
      .then(
        () => {
          for (const { resolve } of group) resolve()
        },
        (cause: unknown) => {
          for (const { reject } of group) reject(cause)
        },
      )
      .finally(() => {
        this.#isWriting = false
        this.#write()
      })
      .catch(() => undefined) // each waiter has heard
  }
}
