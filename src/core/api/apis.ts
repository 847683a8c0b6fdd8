/** Every operation between processes: its name, its request and its response. Transports and handlers are written over this table. */
import { type AlterPartitionRequest, type AlterPartitionResponse } from './alter-partition.ts'
import { type BrokerHeartbeatRequest, type BrokerHeartbeatResponse } from './broker-heartbeat.ts'
import type * as admin from './cluster-admin.ts'
import { type DeleteRecordsRequest, type DeleteRecordsResponse } from './delete-records.ts'
import { type FetchRequest, type FetchResponse } from './fetch.ts'
import { type ListOffsetsRequest, type ListOffsetsResponse } from './list-offsets.ts'
import {
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponse,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from './log-directories.ts'
import { type MetadataRequest, type MetadataResponse } from './metadata.ts'
import type * as producerIds from './producer-ids.ts'
import { type ProduceRequest, type ProduceResponse } from './produce.ts'
import type * as quorum from './quorum.ts'
import { type RegisterBrokerRequest, type RegisterBrokerResponse } from './register-broker.ts'
import { type ReplicaFetchRequest, type ReplicaFetchResponse } from './replica-fetch.ts'

/** Request and response by operation. */
export interface Apis {
  readonly produce: Api<ProduceRequest, ProduceResponse>
  readonly fetch: Api<FetchRequest, FetchResponse>
  readonly 'list-offsets': Api<ListOffsetsRequest, ListOffsetsResponse>
  readonly 'delete-records': Api<DeleteRecordsRequest, DeleteRecordsResponse>
  readonly 'replica-fetch': Api<ReplicaFetchRequest, ReplicaFetchResponse>
  readonly metadata: Api<MetadataRequest, MetadataResponse>
  readonly 'create-topics': Api<admin.CreateTopicsRequest, admin.CreateTopicsResponse>
  readonly 'delete-topics': Api<admin.DeleteTopicsRequest, admin.DeleteTopicsResponse>
  readonly 'create-partitions': Api<admin.CreatePartitionsRequest, admin.CreatePartitionsResponse>
  readonly 'alter-configs': Api<admin.AlterConfigsRequest, admin.AlterConfigsResponse>
  readonly 'describe-configs': Api<admin.DescribeConfigsRequest, admin.DescribeConfigsResponse>
  readonly 'elect-leaders': Api<admin.ElectLeadersRequest, admin.ElectLeadersResponse>
  readonly 'init-producer-id': Api<
    producerIds.InitProducerIdRequest,
    producerIds.InitProducerIdResponse
  >
  readonly 'allocate-producer-ids': Api<
    producerIds.AllocateProducerIdsRequest,
    producerIds.AllocateProducerIdsResponse
  >
  readonly 'describe-log-dirs': Api<DescribeLogDirsRequest, DescribeLogDirsResponse>
  readonly 'alter-replica-log-dirs': Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>
  readonly 'register-broker': Api<RegisterBrokerRequest, RegisterBrokerResponse>
  readonly 'broker-heartbeat': Api<BrokerHeartbeatRequest, BrokerHeartbeatResponse>
  readonly 'alter-partition': Api<AlterPartitionRequest, AlterPartitionResponse>
  readonly vote: Api<quorum.VoteRequest, quorum.VoteResponse>
  readonly 'begin-quorum-epoch': Api<
    quorum.BeginQuorumEpochRequest,
    quorum.BeginQuorumEpochResponse
  >
  readonly 'end-quorum-epoch': Api<quorum.EndQuorumEpochRequest, quorum.EndQuorumEpochResponse>
  readonly 'quorum-fetch': Api<quorum.QuorumFetchRequest, quorum.QuorumFetchResponse>
  readonly 'describe-quorum': Api<quorum.DescribeQuorumRequest, quorum.DescribeQuorumResponse>
}

interface Api<Request, Response> {
  readonly request: Request
  readonly response: Response
}

/** Name of an operation. */
export type ApiName = keyof Apis
