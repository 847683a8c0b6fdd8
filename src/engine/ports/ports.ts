/** Everything the engine takes from the outside, in one object that the wiring hands down. */
import { type Authorizer } from './authorizer.ts'
import { type Clock } from './clock.ts'
import { type Compressor } from './compressor.ts'
import { type Entropy } from './entropy.ts'
import { type FileStore } from './file-store.ts'
import { type KeyValueStores } from './key-value-store.ts'
import { type Telemetry } from './telemetry.ts'
import { type Listeners, type Transport } from './transport.ts'

/** The outside of one node. */
export interface Ports {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly files: FileStore
  readonly stores: KeyValueStores
  readonly transport: Transport
  readonly listeners: Listeners
  readonly compressor: Compressor
  readonly telemetry: Telemetry
  /** Absent: everybody may do everything. */
  readonly authorizer?: Authorizer
}
