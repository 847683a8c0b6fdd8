/** The ports of this host that storage needs, for tools that format or read directories and serve nothing. */
import { levelStores } from '../../edge/leveldb/level-stores.ts'
import { useNativeCrc32c } from '../../edge/system/native-crc32c.ts'
import { systemClock } from '../../edge/system/system-clock.ts'
import { systemEntropy } from '../../edge/system/system-entropy.ts'
import { systemFileStore } from '../../edge/system/system-file-store.ts'
import { type Ports } from '../../engine/ports/ports.ts'

/** Ports without a network; nothing is logged. */
export function storagePorts(): Pick<
  Ports,
  'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'
> {
  useNativeCrc32c()
  return {
    clock: systemClock(),
    entropy: systemEntropy(),
    files: systemFileStore(),
    stores: levelStores(),
    telemetry: { log: () => undefined },
  }
}
