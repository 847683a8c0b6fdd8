/** The parts of one broker, as the handlers of its requests see them. Made by `broker.ts`. */
import { type ConfigViewer } from '../../core/config/effective-config.ts'
import { type Ports } from '../ports/ports.ts'
import { type MetadataPublisher } from '../quorum/metadata-publisher.ts'
import { type Leadership } from '../quorum/raft-driver.ts'
import { type Bell } from '../runtime/bell.ts'
import { type Lifecycle } from '../runtime/lifecycle.ts'
import { type LogDirectories } from '../storage/log-directories.ts'
import { type Announcer } from './announcer.ts'
import { type BrokerIdentity } from './broker-identity.ts'
import { type ControllerLink } from './controller-link.ts'
import { type ProducerUpkeep } from './producer-upkeep.ts'
import { type ProducerIds } from './producer-ids.ts'
import { type LogMoves } from './log-moves.ts'
import { type Purgatory } from './purgatory.ts'
import { type Repacker } from './repacker.ts'
import { type ReplicaLinks } from './replica-links.ts'
import { type ReplicaSessions } from './replica-sessions.ts'
import { type Replicas } from './replicas.ts'
import { type Standing } from './standing.ts'
import { type StorageFailures } from './storage-failures.ts'
import { type TimeLookup } from './time-lookup.ts'

/** What handlers work with. */
export interface BrokerParts {
  readonly ports: Pick<Ports, 'clock' | 'telemetry'>
  readonly identity: BrokerIdentity
  readonly viewer: ConfigViewer
  readonly directories: LogDirectories
  readonly metadata: MetadataPublisher
  readonly replicas: Replicas
  readonly links: ReplicaLinks
  readonly moves: LogMoves
  readonly sessions: ReplicaSessions
  readonly purgatory: Purgatory
  readonly announcer: Announcer
  readonly storage: StorageFailures
  readonly repacker: Repacker
  readonly times: TimeLookup
  readonly standing: Standing
  readonly background: Lifecycle
  /** To the active controller, for what clients ask of it. */
  readonly adminLink: ControllerLink
  readonly producerIds: ProducerIds
  readonly upkeep: ProducerUpkeep
  /** Who leads the metadata quorum, as this node knows. */
  readonly leadership: () => Leadership
  /** Rings when that changed. */
  readonly controllerMoved: Bell
}
