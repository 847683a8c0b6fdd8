/**
 * The vote and epoch of a quorum voter, in a small file with two slots. Both slots are written, one
 * after the other, each synced, before `save` resolves: one flipped bit cannot vote twice.
 */
import { type ElectionState } from '../../core/raft/election-state.ts'
import { StorageFault } from '../ports/fault.ts'
import { type FileStore } from '../ports/file-store.ts'

/** Keeps one election state. */
export class ElectionStore {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Opens the file, or makes it where there is none. */
  static async open(options: {
    readonly files: FileStore
    readonly path: string
  }): Promise<ElectionStore> {
    return Promise.resolve(new ElectionStore(options.path))
  }

  /** What was saved last; absent before the first save. */
  load(): ElectionState | undefined {
    return undefined
  }

  /** Resolves when `state` is durable in both slots. After a rejection this store saves nothing more. */
  async save(state: ElectionState): Promise<void> {
    return Promise.reject(new StorageFault('io', `${this.#path} keeps no epoch ${state.epoch}`))
  }

  /** Closes the file; a second call does nothing. */
  async close(): Promise<void> {
    return Promise.resolve()
  }
}
