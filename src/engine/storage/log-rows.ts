/**
 * The rows of logs beside their data: what each is, whether it can be vouched for, and those of
 * dropped logs, which stay until no journal can name them any more.
 */
import { type KeyValueOperation } from '../ports/key-value-store.ts'
import { type CommitMark } from './commit-mark.ts'
import { type Guard } from './guard.ts'
import { idKey } from './keys.ts'
import { type LogState } from './log-state.ts'
import { put, remove } from './log-table.ts'
import { type LogRow, type UncleanReason } from './rows.ts'
import { type SegmentFiles } from './segment-files.ts'
import { type SegmentTable } from './segment-table.ts'

/** What the rows are written with. */
export interface LogRowsParts {
  readonly table: SegmentTable
  readonly files: SegmentFiles
  readonly mark: CommitMark
  readonly guard: Guard
}

/** Writes and forgets the rows of logs. */
export class LogRows {
  readonly #parts: LogRowsParts
  #dropped: LogRow[] = []

  constructor(parts: LogRowsParts) {
    this.#parts = parts
  }

  /** Writes what the rows of logs are to say now; durable when it resolves. */
  async save(states: readonly LogState[]): Promise<void> {
    await this.#parts.guard(async () => this.write(states.map((state) => put(state.row()))))
  }

  /** Writes rows of logs, and the mark with the number of their batch: it cannot go missing unseen. */
  async write(operations: readonly KeyValueOperation[]): Promise<void> {
    const { table, mark } = this.#parts
    table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
    await table.flush()
    await mark.write()
  }

  /** The controller has taken note that logs may be missing; goes with the next rows that are written. */
  noneIsMissing(): void {
    this.#forget('missing', [0])
  }

  /** Remembers, or forgets, that logs cannot be vouched for; durable when it resolves. */
  async setUnclean(states: readonly LogState[], reason: UncleanReason | undefined): Promise<void> {
    for (const state of states) state.unclean = reason
    await this.save(states)
  }

  /** Bytes of a log: in its files, and held by the journal. */
  async bytesOf({ table, heldBytes }: LogState): Promise<number> {
    let bytes = heldBytes
    for (const { fileId } of table.segments) bytes += await this.#parts.files.sizeOf(fileId)
    return bytes
  }

  /** Removes the files of dropped logs and of cut-off segments, then the rows that said so. */
  async removeFiles(fileIds: readonly number[]): Promise<void> {
    await this.#parts.files.remove(fileIds)
    this.#forget('doomed', fileIds)
  }

  /** These logs were dropped: their rows go when no journal names them. */
  noteDropped(rows: readonly LogRow[]): void {
    this.#dropped.push(...rows)
  }

  /** Removes the rows of dropped logs that no journal can name any more. */
  forgetDropped(): void {
    const { rings } = this.#parts.mark.state()
    const gone = this.#dropped.filter(
      ({ droppedBy, flush }) => droppedBy !== undefined && droppedBy < rings[flush].floor,
    )
    if (gone.length === 0) return
    this.#dropped = this.#dropped.filter((row) => !gone.includes(row))
    this.#forget(
      'log',
      gone.map(({ logId }) => logId),
    )
  }

  #forget(kind: 'log' | 'doomed' | 'missing', ids: readonly number[]): void {
    const operations = ids.map((id) => remove({ key: idKey(kind, id) }))
    this.#parts.table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
  }
}
