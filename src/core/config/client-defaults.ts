/** Defaults and bounds of the SDK's options, once; what each means stands with the options' types in `engine/client`. */

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

/** Of a consumer. */
export const consumerDefaults = {
  from: 'latest',
  isolation: 'committed',
  outOfRange: 'earliest',
  fetchBytesMax: mib,
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
