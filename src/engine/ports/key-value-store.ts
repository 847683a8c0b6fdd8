/**
 * An ordered key-value store with atomic, optionally synced batches: the shape of LevelDB, which is
 * what `edge/leveldb` puts behind it; `sim/sim-key-value-store` mirrors it with its failures.
 * Keys are ordered as unsigned bytes. Every call rejects with `StorageFault`. A failed batch is
 * unknown: it may be there after the store is opened again.
 */

/** One change of a batch. The bytes are not kept after the call. */
export type KeyValueOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array }

/** A key and its value. */
export interface KeyValueEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Which entries a scan returns: keys from `from` (included) to `to` (excluded). */
export interface KeyRange {
  readonly from: Uint8Array
  readonly to: Uint8Array
  /** Highest keys first. Default false. */
  readonly reverse?: boolean
}

/** A cursor over a snapshot of a range. */
export interface KeyValueCursor {
  /** The next entries, at most `countMax`; none means the end. */
  readonly next: (countMax: number) => Promise<readonly KeyValueEntry[]>
  readonly close: () => Promise<void>
}

/** An open store. */
export interface KeyValueStore {
  readonly get: (key: Uint8Array) => Promise<Uint8Array | undefined>
  /** All changes or none; with `sync`, durable when it resolves. */
  readonly batch: (
    operations: readonly KeyValueOperation[],
    options: { readonly sync: boolean },
  ) => Promise<void>
  /** The first entries of a range, at most `countMax`. */
  readonly scan: (range: KeyRange, countMax: number) => Promise<readonly KeyValueEntry[]>
  readonly cursor: (range: KeyRange) => KeyValueCursor
  /** Closes it; a second call does nothing. */
  readonly close: () => Promise<void>
}

/** Opens stores. `create` makes a new one and refuses an existing one; without it the store must exist. */
export interface KeyValueStores {
  readonly open: (path: string, how: { readonly create: boolean }) => Promise<KeyValueStore>
}
