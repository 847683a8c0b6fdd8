/** Compression codecs of record batch v2: their numbers in the attributes and their names in settings. */

/** Names in the order of their numbers: attributes bits 0 to 2 hold the index. */
export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** A codec by name. */
export type CompressionName = (typeof compressionNames)[number]
