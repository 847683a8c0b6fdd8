/**
 * Takes damaged ranges of logs out of service, for whoever finds them: readers and the scrubber. A
 * synced row says so before the finder goes on, so that no restart serves the range again; then
 * memory says so. The bytes stay where they are, and the offsets stay in the log.
 */
import { type Telemetry } from '../ports/telemetry.ts'
import { extentRow, type Extent } from './extent.ts'
import { extentKey } from './keys.ts'
import { nameOf } from './log-reader.ts'
import { type DamagedRange, type LogState } from './log-state.ts'
import { put } from './log-table.ts'
import { type SegmentTable } from './segment-table.ts'

/** What it works with. */
export interface QuarantineParts {
  readonly table: SegmentTable
  readonly telemetry: Telemetry
  /** False once nothing is written any more. */
  readonly canWrite: () => boolean
}

/** The damaged ranges of a directory. */
export class Quarantine {
  readonly #parts: QuarantineParts
  readonly #taking = new Map<string, Promise<void>>()

  constructor(parts: QuarantineParts) {
    this.#parts = parts
  }

  /** Takes a range out; where the row of its extent is gone, an empty one says so. */
  async take(log: LogState, range: DamagedRange, extent?: Extent): Promise<void> {
    const name = `${log.logId}/${range.first}/${range.next}`
    let taking = this.#taking.get(name)
    if (taking === undefined) {
      taking = this.#take(log, range, extent).finally(() => this.#taking.delete(name))
      this.#taking.set(name, taking)
    }
    await taking
  }

  async #take(log: LogState, range: DamagedRange, extent: Extent | undefined): Promise<void> {
    const { table, telemetry, canWrite } = this.#parts
    const { layout } = log
    const where = { log: nameOf(log), first: range.first, next: range.next }
    telemetry.log('error', 'extent-damaged', where)
    if (canWrite()) {
      if (extent === undefined) log.unclean = 'corrupt'
      const value = extent === undefined ? new Uint8Array(0) : extentRow(log.logId, extent).value
      const key = extentKey('quarantine', log.logId, range.next - 1)
      const operations = [put({ key, value }), put(log.row())]
      table.enqueue({ log: undefined, act: { type: 'rows', operations }, holds: [] })
      await table.flush().catch(() => undefined) // a failed write is the directory's failure, told there
    }
    if (layout === log.layout) log.foundDamage(range)
  }
}
