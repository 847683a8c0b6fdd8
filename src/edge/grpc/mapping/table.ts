/** The mapping of every operation. */
import type { ApiName } from '../../../core/api/apis.ts'
import * as cluster from './cluster.ts'
import * as controller from './controller.ts'
import * as log from './log.ts'
import * as logDirs from './log-dirs.ts'
import type { Mapping } from './mapping.ts'
import * as quorum from './quorum.ts'

/** By operation: its service and method, and its messages. */
export const mappings: { readonly [A in ApiName]: Mapping<A> } = {
  produce: log.produce,
  fetch: log.fetch,
  'list-offsets': log.listOffsets,
  'delete-records': log.deleteRecords,
  'replica-fetch': log.replicaFetch,
  metadata: cluster.metadata,
  'create-topics': cluster.createTopics,
  'delete-topics': cluster.deleteTopics,
  'create-partitions': cluster.createPartitions,
  'alter-configs': cluster.alterConfigs,
  'describe-configs': cluster.describeConfigs,
  'elect-leaders': cluster.electLeaders,
  'describe-log-dirs': logDirs.describeLogDirs,
  'alter-replica-log-dirs': logDirs.alterReplicaLogDirs,
  'init-producer-id': log.initProducerId,
  'allocate-producer-ids': controller.allocateProducerIds,
  'register-broker': controller.registerBroker,
  'broker-heartbeat': controller.brokerHeartbeat,
  'alter-partition': controller.alterPartition,
  vote: quorum.vote,
  'begin-quorum-epoch': quorum.beginQuorumEpoch,
  'end-quorum-epoch': quorum.endQuorumEpoch,
  'quorum-fetch': quorum.quorumFetch,
  'describe-quorum': quorum.describeQuorum,
}

/** Every operation. */
export const apiNames = Object.keys(mappings) as readonly ApiName[]
