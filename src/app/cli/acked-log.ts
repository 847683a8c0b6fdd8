/** The file of `sluice produce --acked-log`: a line for every acknowledged record. */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { CommandError } from './failure.ts'

/** Appends; a file that fails aborts `signal` with one sentence, and takes no more. */
export class AckedLog {
  readonly #stream: WriteStream
  readonly #abort = new AbortController()
  #failure: CommandError | undefined

  /** Opens the file, making it when there is none. */
  static async open(path: string): Promise<AckedLog> {
    const stream = createWriteStream(path, { flags: 'a' })
    const log = new AckedLog(path, stream)
    await once(stream, 'open').catch(() => undefined)
    if (log.failure !== undefined) throw log.failure
    return log
  }

  private constructor(path: string, stream: WriteStream) {
    this.#stream = stream
    stream.on('error', (cause) => {
      this.#failure ??= new CommandError(
        'FAILED',
        `The file ${path} cannot be written: ${cause.message}.`,
      )
      this.#abort.abort(this.#failure)
    })
  }

  /** Aborted when the file cannot be written. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Why the file cannot be written, in one sentence; absent while it can. */
  get failure(): CommandError | undefined {
    return this.#failure
  }

  /** Appends one line. */
  write(line: string): void {
    if (!this.signal.aborted) this.#stream.write(`${line}\n`)
  }

  /** Resolves when everything is in the file, or it failed. */
  async close(): Promise<void> {
    this.#stream.end()
    if (!this.#stream.closed) await once(this.#stream, 'close').catch(() => undefined)
  }
}
