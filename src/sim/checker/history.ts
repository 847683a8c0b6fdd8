/**
 * What clients did and saw, as a list of events in the order in which they happened. Every value is
 * sent once and unlike every other, so that each observation says which send it came from.
 */

/** A partition by name, e.g. `flights-3`: topics of a history are never created again. */
export type PartitionName = string

/** A record as somebody saw it. */
export interface SeenRecord {
  readonly offset: number
  readonly value: string
}

/** The key of a send to a compacted topic. */
export interface KeyedSend {
  readonly key: string
  /** Sent without a value. */
  readonly isTombstone: boolean
}

/** One event. */
export type HistoryEvent =
  /** A producer hands one value over; `order` counts its sends to that partition, from 0. */
  | {
      readonly type: 'send-invoked'
      readonly producer: string
      readonly partition: PartitionName
      readonly value: string
      readonly order: number
      /** Its producer promises no duplicates. */
      readonly isIdempotent: boolean
      /** On compacted topics; then every send to the partition has a key. */
      readonly keyed?: KeyedSend
    }
  /** acks=all came back. */
  | { readonly type: 'send-ok'; readonly value: string; readonly offset: number }
  /** It certainly did not happen, and never will. */
  | { readonly type: 'send-fail'; readonly value: string }
  /** Nobody knows: it may be there, now or later. */
  | { readonly type: 'send-info'; readonly value: string }
  /** A consumer starts at an offset. */
  | {
      readonly type: 'assigned'
      readonly consumer: string
      readonly partition: PartitionName
      readonly offset: number
    }
  /** A consumer got records; `highWatermark` is the highest that any leader has had so far. */
  | {
      readonly type: 'polled'
      readonly consumer: string
      readonly partition: PartitionName
      readonly records: readonly SeenRecord[]
      readonly highWatermark?: number
    }
  /** Everything in a partition, when all is over. */
  | {
      readonly type: 'final-read'
      readonly partition: PartitionName
      readonly logStartOffset: number
      readonly records: readonly SeenRecord[]
    }

/** A broken rule, by its number in the list of invariants, with the evidence. */
export interface Violation {
  readonly rule: string
  readonly message: string
}
