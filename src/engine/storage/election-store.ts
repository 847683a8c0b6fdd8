/**
 * The vote and epoch of a quorum voter, in a small file with two slots. Both slots are written, one
 * after the other, each synced, before `save` resolves: one flipped bit cannot vote twice.
 */
import { ByteReader, ByteWriter } from '../../base/bytes.ts'
import { directoryId, epoch, isUuid, nodeId } from '../../base/id.ts'
import { type ElectionState } from '../../core/raft/election-state.ts'
import { StorageFault } from '../ports/fault.ts'
import { type FileStore } from '../ports/file-store.ts'
import { TwoSlotFile } from './two-slot-file.ts'

const formatNumber = 1

/** Keeps one election state. */
export class ElectionStore {
  readonly #path: string
  readonly #file: TwoSlotFile
  #failure: { readonly cause: unknown } | undefined
  #state: ElectionState | undefined

  private constructor(path: string, file: TwoSlotFile) {
    const bytes = file.load()
    this.#path = path
    this.#file = file
    this.#state = bytes === undefined ? undefined : decode(bytes, path)
  }

  /** Opens the file, or makes it where there is none. */
  static async open(options: {
    readonly files: FileStore
    readonly path: string
  }): Promise<ElectionStore> {
    const { files, path } = options
    if (await files.exists(path)) {
      const file = await TwoSlotFile.open(files, path)
      return new ElectionStore(path, file)
    }
    const file = await TwoSlotFile.create(files, path)
    await files.syncDirectory(path.slice(0, path.lastIndexOf('/')))
    return new ElectionStore(path, file)
  }

  /** What was saved last; absent before the first save. */
  load(): ElectionState | undefined {
    return this.#state
  }

  /** Resolves when `state` is durable in both slots. After a rejection this store saves nothing more. */
  async save(state: ElectionState): Promise<void> {
    if (this.#failure !== undefined) {
      const { cause } = this.#failure
      throw new StorageFault('poisoned', `${this.#path} failed before`, { cause })
    }
    try {
      await this.#file.writeBoth(encode(state))
    } catch (cause) {
      this.#failure = { cause }
      throw cause
    }
    this.#state = state
  }

  /** Closes the file; a second call does nothing. */
  async close(): Promise<void> {
    await this.#file.close()
  }
}

function encode(state: ElectionState): Uint8Array {
  const writer = new ByteWriter(64).uint8(formatNumber).int32(state.epoch)
  writer.int32(state.leaderId ?? -1)
  writer.int32(state.votedFor?.nodeId ?? -1)
  if (state.votedFor !== undefined) writer.text(state.votedFor.directoryId)
  return writer.finish()
}

function decode(bytes: Uint8Array, path: string): ElectionState {
  const reader = new ByteReader(bytes)
  const format = reader.uint8()
  if (format !== formatNumber)
    throw new StorageFault('denied', `${path} is of format ${format}, known is ${formatNumber}`)
  const savedEpoch = epoch(reader.int32())
  const leader = reader.int32()
  const candidate = reader.int32()
  const directory = candidate < 0 ? '' : reader.text()
  return {
    epoch: savedEpoch,
    ...(leader < 0 ? {} : { leaderId: nodeId(leader) }),
    ...(isUuid(directory)
      ? { votedFor: { nodeId: nodeId(candidate), directoryId: directoryId(directory) } }
      : {}),
  }
}
