/**
 * The durable and the visible state of one simulated LevelDB 1.20 database, with its real failures:
 *
 * - an unsynced batch is visible at once and survives a process kill; a power loss takes a suffix;
 * - a synced batch makes all earlier ones durable too (they share one log file);
 * - after an append failed (disk full) every later record of the log is misaligned: such batches
 *   are visible, even acknowledged as synced, and gone after the next open;
 * - after a failed sync every later write is refused;
 * - a failed batch may come back when the database is opened again.
 *
 * Invariants: `#base` is what an open would surely find; `#log` is what came after it, oldest first.
 */
import { type Random } from '../base/random.ts'
import { type KeyValueEntry, type KeyValueOperation } from '../engine/ports/key-value-store.ts'

/** Rows in key order; the key is its bytes as Latin-1 text, whose order is the order of the bytes. */
export interface Row {
  readonly order: string
  readonly entry: KeyValueEntry
}

/** A batch in the log. */
export interface LoggedBatch {
  readonly operations: readonly KeyValueOperation[]
  /** Only a finished batch was answered; of the others the next open may find a prefix. */
  state: 'in-flight' | 'finished' | 'failed'
  isDurable: boolean
  /** Acknowledged, but unreadable for the next open. */
  isMisaligned: boolean
}

/** What happens to a batch. */
export type BatchFate = 'good' | 'append-fails' | 'sync-fails'

const rowOverheadBytes = 16

/** One database on a simulated disk. */
export class SimDatabase {
  #base: readonly Row[] = []
  #visible: Row[] = []
  #log: LoggedBatch[] = []
  #isMisaligned = false
  #refusesWrites = false
  #usedBytes = 0

  /** True after a failed sync, until it is opened again. */
  get refusesWrites(): boolean {
    return this.#refusesWrites
  }

  /** Rows as a reader sees them now. */
  get rows(): readonly Row[] {
    return this.#visible
  }

  /** Bytes it takes on the disk. */
  usedBytes(): number {
    return this.#usedBytes
  }

  /** A batch is on its way to the log. */
  begin(operations: readonly KeyValueOperation[]): LoggedBatch {
    const batch: LoggedBatch = {
      operations: operations.map(copyOf),
      state: 'in-flight',
      isDurable: false,
      isMisaligned: false,
    }
    this.#log.push(batch)
    return batch
  }

  /** The oldest batch in flight is applied, or fails. */
  finish(batch: LoggedBatch, how: { readonly isSynced: boolean; readonly fate: BatchFate }): void {
    batch.isMisaligned = this.#isMisaligned
    batch.state = how.fate === 'good' ? 'finished' : 'failed'
    if (how.fate === 'append-fails') this.#isMisaligned = true
    if (how.fate === 'sync-fails') this.#refusesWrites = true
    if (how.fate !== 'good') return
    this.#visible = applied(this.#visible, batch.operations)
    this.#usedBytes += batch.operations.reduce((sum, one) => sum + sizeOf(one), 0)
    if (!how.isSynced) return
    for (const logged of this.#log) {
      logged.isDurable = true
      if (logged === batch) break
    }
  }

  /** Reads the log as an open does: what it finds is durable from then on. */
  recover(random: Random): void {
    let rows = this.#base
    for (const logged of this.#log) {
      if (logged.isMisaligned) break
      if (logged.state !== 'finished' && random.chance(0.5)) break
      rows = applied(rows, logged.operations)
    }
    this.#base = rows
    this.#visible = [...rows]
    this.#log = []
    this.#isMisaligned = false
    this.#refusesWrites = false
    this.#usedBytes = rows.reduce(
      (sum, { entry }) => sum + entry.key.length + entry.value.length + rowOverheadBytes,
      0,
    )
  }

  /** Power loss: of the log, the durable part and a prefix of the rest survive. */
  powerLoss(random: Random): void {
    const durableCount = this.#log.findLastIndex((logged) => logged.isDurable) + 1
    const keptCount = durableCount + random.below(this.#log.length - durableCount + 1)
    this.#log = this.#log.slice(0, keptCount)
  }

  /**
   * Rot in LevelDB's own log: the next open skips the `index`th batch that was written since the last
   * one, and says nothing. False when there were not so many.
   */
  loseBatch(index: number): boolean {
    return this.#log.splice(index, 1).length > 0
  }

  /** Rots one row's value for good; false when there is no such row. */
  flipBit(key: Uint8Array, byteAt: number): boolean {
    const order = orderOf(key)
    const rotOne = (operation: KeyValueOperation): KeyValueOperation =>
      operation.type === 'put' && orderOf(operation.key) === order
        ? { ...operation, value: flipped(operation.value, byteAt) }
        : operation
    const rot = (rows: readonly Row[]): Row[] =>
      rows.map((row) =>
        row.order === order
          ? { order, entry: { key: row.entry.key, value: flipped(row.entry.value, byteAt) } }
          : row,
      )
    this.#base = rot(this.#base)
    this.#log = this.#log.map((logged) => ({
      ...logged,
      operations: logged.operations.map(rotOne),
    }))
    this.#visible = rot(this.#visible)
    return this.#visible.some((row) => row.order === order)
  }
}

/** The sort key of a key. */
export function orderOf(key: Uint8Array): string {
  let text = ''
  for (const byte of key) text += String.fromCharCode(byte)
  return text
}

/** Index of the first row not before `order`. */
export function indexFrom(rows: readonly Row[], order: string): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.order ?? '') < order) low = middle + 1
    else high = middle
  }
  return low
}

function applied(rows: readonly Row[], operations: readonly KeyValueOperation[]): Row[] {
  const next = [...rows]
  for (const operation of operations) {
    const order = orderOf(operation.key)
    const at = indexFrom(next, order)
    const isThere = next[at]?.order === order
    if (operation.type === 'delete') next.splice(at, isThere ? 1 : 0)
    else
      next.splice(at, isThere ? 1 : 0, {
        order,
        entry: { key: operation.key, value: operation.value },
      })
  }
  return next
}

function copyOf(operation: KeyValueOperation): KeyValueOperation {
  return operation.type === 'delete'
    ? { type: 'delete', key: operation.key.slice() }
    : { type: 'put', key: operation.key.slice(), value: operation.value.slice() }
}

function sizeOf(operation: KeyValueOperation): number {
  const valueBytes = operation.type === 'put' ? operation.value.length : 0
  return operation.key.length + valueBytes + rowOverheadBytes
}

function flipped(bytes: Uint8Array, byteAt: number): Uint8Array {
  const value = bytes.slice()
  const at = byteAt % Math.max(1, value.length)
  value[at] = (value[at] ?? 0) ^ 1
  return value
}
