// Original file: sluice/v1/replication.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  ReplicaFetchAnswer as _sluice_v1_ReplicaFetchAnswer,
  ReplicaFetchAnswer__Output as _sluice_v1_ReplicaFetchAnswer__Output,
} from '../../sluice/v1/ReplicaFetchAnswer.ts'
import type {
  ReplicaFetchCall as _sluice_v1_ReplicaFetchCall,
  ReplicaFetchCall__Output as _sluice_v1_ReplicaFetchCall__Output,
} from '../../sluice/v1/ReplicaFetchCall.ts'

export interface ReplicationDefinition {
  Fetch: MethodDefinition<
    _sluice_v1_ReplicaFetchCall,
    _sluice_v1_ReplicaFetchAnswer,
    _sluice_v1_ReplicaFetchCall__Output,
    _sluice_v1_ReplicaFetchAnswer__Output
  >
}
