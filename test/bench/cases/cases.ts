/**
 * The workloads that the project is judged by, each with the ratio over Apache Kafka that is asked
 * for. `tuned` batches are 128 KiB with a linger of 5 ms on both sides; otherwise each client keeps
 * its own defaults. `ack` is fsync before the acknowledgement on both sides.
 */
import { type transfers } from '../floor/transfers.ts'
import { type Work } from '../load/spec.ts'

/** A figure that a case is compared by; of latencies, less is better. */
export type Figure = 'rate' | 'mean' | 'p50' | 'p99'

/** One workload. */
export interface Case {
  readonly name: string
  readonly suite: 'produce' | 'consume' | 'latency'
  readonly title: string
  readonly nodeCount: 1 | 3
  readonly partitionCount: number
  readonly flush: 'ack' | 'interval'
  readonly work: Exclude<Work, { type: 'connect' }>
  readonly isTuned?: boolean
  /** What is compared, with the ratio asked for. */
  readonly goals: Partial<Readonly<Record<Figure, number>>>
  /** Bounds on our own figure, whatever the other side does. */
  readonly limits?: { readonly p99AtMostMs: number; readonly rateAtLeast: number }
  /** Records a second that the other side may do: a first guess, corrected by its warm-up. */
  readonly guess: number
}

/** The bare transfer that moves the same bytes, of those in the suite `floor`; latencies have none. */
export function floorOf({ work, nodeCount, flush }: Case): keyof typeof transfers | undefined {
  if (work.type === 'consume') return 'grpc-js and files, one node, reading'
  if (work.type !== 'produce') return undefined
  if (nodeCount === 1)
    return `grpc-js and files, one node, ${flush === 'ack' ? 'fsync' : 'page cache'}`
  return `grpc-js and files, three nodes, ${flush === 'ack' ? 'fsync' : 'page cache'}`
}

const kib = 1024
const produce = (recordBytes: number, call: 'send-many' | 'send' = 'send-many'): Case['work'] => ({
  type: 'produce',
  recordBytes,
  call,
})
const one = { suite: 'produce', nodeCount: 1, partitionCount: 6 } as const
const three = { suite: 'produce', nodeCount: 3, partitionCount: 6 } as const
const latency = { suite: 'latency', flush: 'ack', nodeCount: 3, partitionCount: 6 } as const

function consume(name: string, title: string, recordBytes: number, counted: Counted): Case {
  return {
    name,
    suite: 'consume',
    title,
    nodeCount: 1,
    partitionCount: 6,
    flush: 'interval',
    work: { type: 'consume', recordBytes, recordCount: counted.recordCount },
    goals: { rate: counted.goal },
    guess: counted.guess,
  }
}

interface Counted {
  readonly recordCount: number
  readonly goal: number
  readonly guess: number
}

function endToEnd(
  name: string,
  title: string,
  place: Pick<Case, 'nodeCount' | 'flush'> & { readonly goal: number },
): Case {
  const { goal, ...where } = place
  return {
    name,
    suite: 'latency',
    title,
    ...where,
    partitionCount: 1,
    work: { type: 'end-to-end', recordBytes: kib, recordCount: 5000 },
    goals: { mean: goal },
    guess: 1000,
  }
}

/** Every case, in the order in which they run. */
export const cases: readonly Case[] = [
  {
    ...one,
    name: 'cache-100b',
    title: 'RF1, page cache, 100 B, tuned',
    flush: 'interval',
    work: produce(100),
    isTuned: true,
    goals: { rate: 2.5 },
    guess: 900_000,
  },
  {
    ...one,
    name: 'cache-1k',
    title: 'RF1, page cache, 1 KiB, tuned',
    flush: 'interval',
    work: produce(kib),
    isTuned: true,
    goals: { rate: 1.8 },
    guess: 180_000,
  },
  {
    ...one,
    name: 'fsync-1k',
    title: 'RF1, fsync before ack, 1 KiB, tuned',
    flush: 'ack',
    work: produce(kib),
    isTuned: true,
    goals: { rate: 2.5 },
    guess: 90_000,
  },
  {
    ...one,
    name: 'fsync-1k-default',
    title: 'RF1, fsync before ack, 1 KiB, default',
    flush: 'ack',
    work: produce(kib),
    goals: { rate: 15 },
    guess: 14_000,
  },
  {
    ...one,
    name: 'fsync-100b-default',
    title: 'RF1, fsync before ack, 100 B, default',
    flush: 'ack',
    work: produce(100),
    goals: { rate: 8 },
    guess: 150_000,
  },
  {
    ...one,
    name: 'cache-100b-send',
    title: 'RF1, page cache, 100 B, one promise a record',
    flush: 'interval',
    work: produce(100, 'send'),
    isTuned: true,
    goals: { rate: 1.2 },
    guess: 900_000,
  },
  consume('consume-1k', 'consume 1 KiB, one consumer, page cache', kib, {
    recordCount: 3_000_000,
    goal: 1,
    guess: 180_000,
  }),
  consume('consume-100b', 'consume 100 B, one consumer, page cache', 100, {
    recordCount: 20_000_000,
    goal: 1.3,
    guess: 900_000,
  }),
  endToEnd('end-to-end-rf1', 'end to end, one at a time, RF1, page cache', {
    nodeCount: 1,
    flush: 'interval',
    goal: 2,
  }),
  {
    ...three,
    name: 'rf3-cache-1k',
    title: 'RF3, acks=all, page cache, 1 KiB, tuned',
    flush: 'interval',
    work: produce(kib),
    isTuned: true,
    goals: { rate: 1.4 },
    guess: 80_000,
  },
  {
    ...three,
    name: 'rf3-cache-1k-default',
    title: 'RF3, acks=all, page cache, 1 KiB, default',
    flush: 'interval',
    work: produce(kib),
    goals: { rate: 4 },
    guess: 25_000,
  },
  {
    ...three,
    name: 'rf3-fsync-1k',
    title: 'RF3, acks=all, fsync before ack, 1 KiB, tuned',
    flush: 'ack',
    work: produce(kib),
    isTuned: true,
    goals: { rate: 2 },
    guess: 50_000,
  },
  endToEnd('end-to-end-rf3', 'end to end, one at a time, RF3, page cache', {
    nodeCount: 3,
    flush: 'interval',
    goal: 1.8,
  }),
  endToEnd('end-to-end-rf3-fsync', 'end to end, one at a time, RF3, fsync', {
    nodeCount: 3,
    flush: 'ack',
    goal: 1.8,
  }),
  {
    ...latency,
    name: 'rf3-fsync-5000',
    title: 'RF3, fsync, 1 KiB at 5 000 rec/s',
    work: { type: 'rate', recordBytes: kib, recordsPerSecond: 5000 },
    goals: { p50: 1.6, p99: 1.4 },
    guess: 5000,
  },
  {
    ...latency,
    name: 'rf3-fsync-20000',
    title: 'RF3, fsync, 1 KiB at 20 000 rec/s',
    work: { type: 'rate', recordBytes: kib, recordsPerSecond: 20_000 },
    goals: { rate: 1, p99: 1 },
    limits: { p99AtMostMs: 25, rateAtLeast: 19_800 },
    guess: 12_000,
  },
]

function rate(nodeCount: 1 | 3, flush: 'ack' | 'interval', recordsPerSecond: number): Case {
  return {
    name: `rf${nodeCount}-${flush}-${recordsPerSecond}`,
    suite: 'latency',
    title: `RF${nodeCount}, ${flush === 'ack' ? 'fsync' : 'page cache'}, 1 KiB at ${recordsPerSecond} rec/s`,
    nodeCount,
    flush,
    partitionCount: 6,
    work: { type: 'rate', recordBytes: kib, recordsPerSecond },
    goals: {},
    guess: recordsPerSecond,
  }
}

/** Further rates of which we measure our own latencies only. */
export const ownRates: readonly Case[] = [
  rate(1, 'interval', 1000),
  rate(1, 'interval', 20_000),
  rate(1, 'ack', 5000),
  rate(3, 'interval', 5000),
  rate(3, 'ack', 1000),
]
