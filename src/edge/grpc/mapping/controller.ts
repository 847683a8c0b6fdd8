/** The service Controller: core/api ⇄ generated message types. */
import type { DirectoryReport, UncleanLog } from '../../../core/api/register-broker.ts'
import {
  readBrokerEpoch,
  readClusterId,
  readDirectoryId,
  readEpoch,
  readIncarnationId,
  readNodeId,
  readOffset,
  readPartition,
  readPartitionEpoch,
  readProducerId,
  readTopicId,
} from '../codec/named.ts'
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsRequest__Output,
} from '../gen/sluice/v1/AllocateProducerIdsRequest.ts'
import type {
  AllocateProducerIdsResponse,
  AllocateProducerIdsResponse__Output,
} from '../gen/sluice/v1/AllocateProducerIdsResponse.ts'
import type {
  AlterPartitionRequest,
  AlterPartitionRequest__Output,
} from '../gen/sluice/v1/AlterPartitionRequest.ts'
import type {
  AlterPartitionResponse,
  AlterPartitionResponse__Output,
} from '../gen/sluice/v1/AlterPartitionResponse.ts'
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatRequest__Output,
} from '../gen/sluice/v1/BrokerHeartbeatRequest.ts'
import type {
  BrokerHeartbeatResponse,
  BrokerHeartbeatResponse__Output,
} from '../gen/sluice/v1/BrokerHeartbeatResponse.ts'
import type {
  DirectoryReport as WireDirectoryReport,
  DirectoryReport__Output,
} from '../gen/sluice/v1/DirectoryReport.ts'
import type {
  RegisterBrokerRequest,
  RegisterBrokerRequest__Output,
} from '../gen/sluice/v1/RegisterBrokerRequest.ts'
import type {
  RegisterBrokerResponse,
  RegisterBrokerResponse__Output,
} from '../gen/sluice/v1/RegisterBrokerResponse.ts'
import type { UncleanLog__Output } from '../gen/sluice/v1/UncleanLog.ts'
import { endpointIn, endpointOut, errorIn, errorOut } from './envelope.ts'
import { mapThroughProto, type Place } from './mapping.ts'

const place = (method: string, kind: Place['kind'] = 'unary'): Place => ({
  file: 'controller',
  service: 'sluice.v1.Controller',
  method,
  kind,
})

/** RegisterBroker. */
export const registerBroker = mapThroughProto<
  'register-broker',
  RegisterBrokerRequest,
  RegisterBrokerRequest__Output,
  RegisterBrokerResponse,
  RegisterBrokerResponse__Output
>(place('RegisterBroker'), 'RegisterBroker', {
  requestOut: ({ endpoints, features, directories, ...request }) => ({
    ...request,
    endpoints: endpoints.map(endpointOut),
    features: [...features],
    directories: directories.map(directoryOut),
  }),
  requestIn: (message) => ({
    brokerId: readNodeId(message.brokerId),
    clusterId: readClusterId(message.clusterId),
    incarnationId: readIncarnationId(message.incarnationId),
    endpoints: message.endpoints.map(endpointIn),
    ...(message.rack !== undefined && { rack: message.rack }),
    features: message.features,
    directories: message.directories.map(directoryIn),
    hasUnopenedDirectory: message.hasUnopenedDirectory,
  }),
  responseOut: ({ brokerEpoch }) => ({ brokerEpoch }),
  responseIn: ({ brokerEpoch }) => ({ brokerEpoch: readBrokerEpoch(brokerEpoch) }),
})

/** Heartbeat. */
export const brokerHeartbeat = mapThroughProto<
  'broker-heartbeat',
  BrokerHeartbeatRequest,
  BrokerHeartbeatRequest__Output,
  BrokerHeartbeatResponse,
  BrokerHeartbeatResponse__Output
>(place('Heartbeat', 'stream'), 'BrokerHeartbeat', {
  requestOut: ({ offlineDirectoryIds, movedReplicas, ...request }) => ({
    ...request,
    movedReplicas: [...movedReplicas],
    offlineDirectoryIds: [...offlineDirectoryIds],
  }),
  requestIn: (message) => ({
    brokerId: readNodeId(message.brokerId),
    brokerEpoch: readBrokerEpoch(message.brokerEpoch),
    metadataOffset: readOffset(message.metadataOffset),
    wantsFence: message.wantsFence,
    wantsShutdown: message.wantsShutdown,
    waitMsMax: message.waitMsMax,
    offlineDirectoryIds: message.offlineDirectoryIds.map(readDirectoryId),
    movedReplicas: message.movedReplicas.map((moved) => ({
      topicId: readTopicId(moved.topicId),
      partition: readPartition(moved.partition),
      directoryId: readDirectoryId(moved.directoryId),
    })),
  }),
  responseOut: (response) => ({ ...response }),
  responseIn: ({ isCaughtUp, isFenced, mayShutdown }) => ({ isCaughtUp, isFenced, mayShutdown }),
})

/** AlterPartition. */
export const alterPartition = mapThroughProto<
  'alter-partition',
  AlterPartitionRequest,
  AlterPartitionRequest__Output,
  AlterPartitionResponse,
  AlterPartitionResponse__Output
>(place('AlterPartition'), 'AlterPartition', {
  requestOut: ({ brokerId, brokerEpoch, partitions }) => ({
    brokerId,
    brokerEpoch,
    partitions: partitions.map(({ newIsr, ...partition }) => ({
      ...partition,
      newIsr: [...newIsr],
    })),
  }),
  requestIn: ({ brokerId, brokerEpoch, partitions }) => ({
    brokerId: readNodeId(brokerId),
    brokerEpoch: readBrokerEpoch(brokerEpoch),
    partitions: partitions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      leaderEpoch: readEpoch(message.leaderEpoch),
      partitionEpoch: readPartitionEpoch(message.partitionEpoch),
      newIsr: message.newIsr.map((member) => ({
        brokerId: readNodeId(member.brokerId),
        brokerEpoch: readBrokerEpoch(member.brokerEpoch),
      })),
      resigns: message.resigns,
    })),
  }),
  responseOut: ({ partitions }) => ({
    partitions: partitions.map(({ error, isr, ...partition }) => ({
      ...partition,
      ...errorOut(error),
      isr: [...isr],
    })),
  }),
  responseIn: ({ partitions }) => ({
    partitions: partitions.map((message) => ({
      topicId: readTopicId(message.topicId),
      partition: readPartition(message.partition),
      ...errorIn(message.error),
      ...(message.leader !== undefined && { leader: readNodeId(message.leader) }),
      leaderEpoch: readEpoch(message.leaderEpoch),
      isr: message.isr.map(readNodeId),
      partitionEpoch: readPartitionEpoch(message.partitionEpoch),
    })),
  }),
})

/** AllocateProducerIds. */
export const allocateProducerIds = mapThroughProto<
  'allocate-producer-ids',
  AllocateProducerIdsRequest,
  AllocateProducerIdsRequest__Output,
  AllocateProducerIdsResponse,
  AllocateProducerIdsResponse__Output
>(place('AllocateProducerIds'), 'AllocateProducerIds', {
  requestOut: (request) => ({ ...request }),
  requestIn: ({ brokerId, brokerEpoch }) => ({
    brokerId: readNodeId(brokerId),
    brokerEpoch: readBrokerEpoch(brokerEpoch),
  }),
  responseOut: (response) => ({ ...response }),
  responseIn: ({ firstProducerId, producerIdCount }) => ({
    firstProducerId: readProducerId(firstProducerId),
    producerIdCount: readProducerId(producerIdCount),
  }),
})

const uncleanReasons = {
  interval: 'UNCLEAN_REASON_INTERVAL',
  corrupt: 'UNCLEAN_REASON_CORRUPT',
  damaged: 'UNCLEAN_REASON_DAMAGED',
} as const

// A reason that this build does not know is taken for the worst one.
function reasonIn(reason: UncleanLog__Output['reason']): UncleanLog['reason'] {
  if (reason === 'UNCLEAN_REASON_INTERVAL') return 'interval'
  return reason === 'UNCLEAN_REASON_DAMAGED' ? 'damaged' : 'corrupt'
}

function directoryOut(report: DirectoryReport): WireDirectoryReport {
  return {
    directoryId: report.directoryId,
    wasClean: report.wasClean,
    uncleanLogs: report.uncleanLogs.map((log) => ({
      ...log,
      reason: uncleanReasons[log.reason],
    })),
    mayMissLogs: report.mayMissLogs,
  }
}

function directoryIn(message: DirectoryReport__Output): DirectoryReport {
  return {
    directoryId: readDirectoryId(message.directoryId),
    wasClean: message.wasClean,
    uncleanLogs: message.uncleanLogs.map(uncleanIn),
    mayMissLogs: message.mayMissLogs,
  }
}

function uncleanIn(message: UncleanLog__Output): UncleanLog {
  return {
    topicId: readTopicId(message.topicId),
    partition: readPartition(message.partition),
    reason: reasonIn(message.reason),
    ...(message.lastEpoch !== undefined && { lastEpoch: readEpoch(message.lastEpoch) }),
    endOffset: readOffset(message.endOffset),
  }
}
