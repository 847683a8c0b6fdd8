/** Defaults and bounds of the SDK's options, once; what each means stands with the options' types in `engine/client`. */

const kib = 1024
const mib = 1_048_576

/** Of a client. */
export const clientDefaults = {
  bootstrap: '127.0.0.1:7092',
  clientId: 'sluice',
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
} as const

/** Of a producer. */
export const producerDefaults = {
  acks: 'all',
  idempotent: true,
  compression: 'none',
  batchBytesMax: 131_072,
  lingerMs: 5,
  bufferBytesMax: 32 * mib,
  waitingCountMax: 65_536,
  deliveryTimeoutMs: 120_000,
  requestTimeoutMs: 30_000,
} as const

/**
 * Of a consumer. Answers are of three batches: with 1 MiB, what is under way grows old on V8's heap
 * (600 MB of 1 KiB records: 1 full collection instead of 38 to 41, 2.2 to 2.6 CPU s/GB in the client
 * instead of 3.8 to 6.7, loaded machine); smaller ones cost the broker more than they save.
 */
export const consumerDefaults = {
  from: 'latest',
  isolation: 'committed',
  outOfRange: 'earliest',
  fetchBytesMax: 3 * 128 * kib,
  bufferBytesMax: 32 * mib,
  fetchWaitMsMax: 500,
  requestTimeoutMs: 30_000,
} as const

/** Least and most of the options that are numbers, both included. */
export const clientBounds = {
  batchBytesMax: { min: 512, max: mib },
  lingerMs: { min: 0, max: 60_000 },
  bufferBytesMax: { min: 1024, max: 64 * 1024 * mib },
  waitingCountMax: { min: 0, max: 1e9 },
  deliveryTimeoutMs: { min: 1, max: 1e9 },
  fetchBytesMax: { min: 1024, max: 64 * mib },
  fetchWaitMsMax: { min: 0, max: 60_000 },
  connectTimeoutMs: { min: 1, max: 1e9 },
  requestTimeoutMs: { min: 1, max: 1e9 },
} as const

/** The words of the options that are a choice. */
export const clientChoices = {
  acks: [0, 1, 'all'],
  compression: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  isolation: ['committed', 'uncommitted'],
  outOfRange: ['earliest', 'latest', 'fail'],
} as const satisfies Readonly<Record<string, readonly (string | number)[]>>
