/**
 * The controller's machine. `decide` looks at the image and returns records; `replay` is the only
 * writer and applies what was appended. The image here runs ahead of the committed one by what is
 * appended and not yet committed (the overlay); when the role is lost the whole object is dropped.
 * `engine/controller` appends, waits for the commit and answers.
 */
import { type BrokerEpoch, type ClusterId, type NodeId } from '../../base/id.ts'
import { type Apis } from '../api/apis.ts'
import { type ConfigViewer } from '../config/effective-config.ts'
import { applyRecords, type LogPosition } from '../metadata/delta/apply.ts'
import { type MetadataImage } from '../metadata/image/image.ts'
import { type MetadataRecord } from '../metadata/records/record.ts'
import { decideHeartbeat } from './cluster/heartbeat.ts'
import { decideRegister } from './cluster/register.ts'
import { decideFence } from './cluster/silence.ts'
import { decideAlterConfigs } from './config/alter.ts'
import { type ClusterView, type Decision } from './decision.ts'
import { decideElectLeaders, decideRebalance } from './election/rebalance.ts'
import { decideBootstrap } from './feature/bootstrap.ts'
import { decideAllocateProducerIds } from './producer-ids/allocate.ts'
import { decideAlterPartition } from './replication/alter-partition.ts'
import { type SoftFacts } from './soft-facts.ts'
import { decideCreatePartitions, decideDeleteTopics } from './topics/change.ts'
import { decideCreateTopics } from './topics/create.ts'

/** The operations that the active controller serves. */
export type ControllerApi =
  | 'register-broker'
  | 'broker-heartbeat'
  | 'alter-partition'
  | 'create-topics'
  | 'delete-topics'
  | 'create-partitions'
  | 'alter-configs'
  | 'elect-leaders'
  | 'allocate-producer-ids'

type DecisionFacts = SoftFacts & { readonly clusterId: ClusterId }

type Deciders = {
  readonly [A in ControllerApi]: (
    view: ClusterView,
    request: Apis[A]['request'],
    facts: DecisionFacts,
  ) => Decision<Apis[A]['response']>
}

const deciders: Deciders = {
  'register-broker': decideRegister,
  'broker-heartbeat': decideHeartbeat,
  'alter-partition': decideAlterPartition,
  'create-topics': decideCreateTopics,
  'delete-topics': decideDeleteTopics,
  'create-partitions': decideCreatePartitions,
  'alter-configs': decideAlterConfigs,
  'elect-leaders': decideElectLeaders,
  'allocate-producer-ids': decideAllocateProducerIds,
}

/** The machine of one term as active controller. */
export class Controller {
  readonly #viewer: ConfigViewer
  readonly #facts: DecisionFacts
  #image: MetadataImage

  constructor(options: {
    readonly image: MetadataImage
    readonly viewer: ConfigViewer
    readonly facts: DecisionFacts
  }) {
    this.#image = options.image
    this.#viewer = options.viewer
    this.#facts = options.facts
  }

  /** The committed image and everything appended on top of it. */
  image(): MetadataImage {
    return this.#image
  }

  /** Decides a request; changes nothing. */
  decide<A extends ControllerApi>(
    api: A,
    request: Apis[A]['request'],
  ): Decision<Apis[A]['response']> {
    return deciders[api](this.#view(), request, this.#facts)
  }

  /** Decides to fence a broker that fell silent. */
  decideFence(silent: {
    readonly brokerId: NodeId
    readonly brokerEpoch: BrokerEpoch
  }): Decision<{ readonly isFenced: boolean }> {
    return decideFence(this.#view(), silent)
  }

  /** Decides to move leaderships back to their preferred replicas. */
  decideRebalance(): ReturnType<typeof decideRebalance> {
    return decideRebalance(this.#view(), this.#facts)
  }

  /** Decides the first records of a cluster. */
  decideBootstrap(): ReturnType<typeof decideBootstrap> {
    return decideBootstrap(this.#view())
  }

  /** Applies records that were appended at `at`: the only writer. */
  replay(records: readonly MetadataRecord[], at: LogPosition): void {
    this.#image = applyRecords(this.#image, records, at).image
  }

  #view(): ClusterView {
    return { image: this.#image, viewer: this.#viewer }
  }
}
