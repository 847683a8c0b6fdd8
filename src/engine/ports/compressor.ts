/**
 * Compression of a batch's records. Implemented by `edge/compression` with native libraries and by
 * the simulator with synchronous ones.
 */
import { type CompressionName } from '../../core/record/compression.ts'

/** Compresses and inflates whole blocks. */
export interface Compressor {
  readonly compress: (codec: CompressionName, plain: Uint8Array) => Promise<Uint8Array>
  /**
   * The plain bytes. Rejects with `StorageFault`: `corrupt` when the input is broken, `too-large` when
   * it would inflate to more than `plainBytesMax`; nothing beyond the bound is made before.
   */
  readonly decompress: (
    codec: CompressionName,
    packed: Uint8Array,
    plainBytesMax: number,
  ) => Promise<Uint8Array>
}
