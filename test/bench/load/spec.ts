/** What a load process is told on its command line and what it prints: plain JSON both ways. */
import { type Percentiles } from './histogram.ts'

/** What the load does with its topic. */
export type Work =
  /** As fast as it goes: `send-many` hands over chunks, `send` takes a promise a record. */
  | {
      readonly type: 'produce'
      readonly recordBytes: number
      readonly call: 'send-many' | 'send'
      readonly batchBytesMax?: number
      readonly lingerMs?: number
    }
  /** Open loop at a fixed rate; latency counts from the time a record was due. */
  | {
      readonly type: 'rate'
      readonly recordBytes: number
      readonly recordsPerSecond: number
      /** Records with keys, of so many. */
      readonly keyCount?: number
    }
  /** What is there, from the beginning; the length of every value and its first byte are read. */
  | {
      readonly type: 'consume'
      readonly recordBytes: number
      readonly recordCount: number
      /** Consumers at once, each of which reads it all. Default 1. */
      readonly consumerCount?: number
    }
  /** A record is sent and acknowledged, then awaited at a consumer, then the next. */
  | { readonly type: 'end-to-end'; readonly recordBytes: number; readonly recordCount: number }
  /** So many clients, each connected and idle; the memory of the first broker while they are. */
  | { readonly type: 'connect'; readonly recordBytes: 0; readonly connectionCount: number }

/** A load process's orders. */
export interface LoadSpec {
  readonly bootstrap: string
  readonly topic: string
  readonly work: Work
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Processes whose CPU time within the measured window is wanted. */
  readonly brokerPids: readonly number[]
}

/** What a load process measured, warm-up apart. */
export interface LoadResult {
  readonly recordsPerSecond: number
  readonly seconds: number
  readonly clientCpuSeconds: number
  readonly brokerCpuSeconds: number
  readonly clientRssMiB: number
  /** Of the first broker, at the end of the window. */
  readonly brokerRssMiB: number
  readonly latency?: Percentiles
  /** How many latencies there were up to each power of two of ms. */
  readonly histogram?: readonly { readonly atMostMs: number; readonly count: number }[]
}
