/** The outside of a real node: the engine's ports on this host. The one place where they are chosen. */
import { settings } from '../../core/config/settings.ts'
import { nativeCompressor } from '../../edge/compression/codecs.ts'
import { GrpcListeners } from '../../edge/grpc/server.ts'
import { GrpcTransport } from '../../edge/grpc/transport.ts'
import { levelStores } from '../../edge/leveldb/level-stores.ts'
import { useNativeCrc32c } from '../../edge/system/native-crc32c.ts'
import { systemClock } from '../../edge/system/system-clock.ts'
import { systemEntropy } from '../../edge/system/system-entropy.ts'
import { systemFileStore } from '../../edge/system/system-file-store.ts'
import { type Ports } from '../../engine/ports/ports.ts'
import { type Telemetry } from '../../engine/ports/telemetry.ts'

/** What the ports depend on. */
export interface SystemPortsOptions {
  readonly telemetry: Telemetry
  /** `socket.memory.max.bytes`. */
  readonly heldBytesMax: number
}

/** Ports of this host. */
export function systemPorts(options: SystemPortsOptions): Ports {
  useNativeCrc32c()
  const { telemetry, heldBytesMax } = options
  // A topic may allow more than this node's own setting, at any time: the table's bound is what counts.
  const messageBytesMax = settings['message.max.bytes'].max
  const clock = systemClock()
  const transport = new GrpcTransport({ clock, telemetry })
  const compressor = nativeCompressor()
  const plainDoor = { transport, compressor }
  return {
    clock,
    telemetry,
    entropy: systemEntropy(),
    files: systemFileStore(),
    stores: levelStores(),
    transport,
    listeners: new GrpcListeners({ clock, telemetry, messageBytesMax, heldBytesMax, plainDoor }),
    compressor,
  }
}
