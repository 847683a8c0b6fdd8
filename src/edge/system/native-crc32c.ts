/** Puts the processor's own CRC32C (3 to 4 GB/s) behind `base/crc32c`. */
import { crc32c as native } from '@node-rs/crc32'
import { installNativeCrc32c } from '../../base/crc32c.ts'

/** Call once at start; the values stay the same, only faster. */
export function useNativeCrc32c(): void {
  installNativeCrc32c((bytes, seed) => native(bytes, seed))
}
