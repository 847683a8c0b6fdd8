// Original file: sluice/v1/controller.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  AllocateProducerIdsAnswer as _sluice_v1_AllocateProducerIdsAnswer,
  AllocateProducerIdsAnswer__Output as _sluice_v1_AllocateProducerIdsAnswer__Output,
} from '../../sluice/v1/AllocateProducerIdsAnswer.ts'
import type {
  AllocateProducerIdsRequest as _sluice_v1_AllocateProducerIdsRequest,
  AllocateProducerIdsRequest__Output as _sluice_v1_AllocateProducerIdsRequest__Output,
} from '../../sluice/v1/AllocateProducerIdsRequest.ts'
import type {
  AlterPartitionAnswer as _sluice_v1_AlterPartitionAnswer,
  AlterPartitionAnswer__Output as _sluice_v1_AlterPartitionAnswer__Output,
} from '../../sluice/v1/AlterPartitionAnswer.ts'
import type {
  AlterPartitionRequest as _sluice_v1_AlterPartitionRequest,
  AlterPartitionRequest__Output as _sluice_v1_AlterPartitionRequest__Output,
} from '../../sluice/v1/AlterPartitionRequest.ts'
import type {
  BrokerHeartbeatAnswer as _sluice_v1_BrokerHeartbeatAnswer,
  BrokerHeartbeatAnswer__Output as _sluice_v1_BrokerHeartbeatAnswer__Output,
} from '../../sluice/v1/BrokerHeartbeatAnswer.ts'
import type {
  BrokerHeartbeatCall as _sluice_v1_BrokerHeartbeatCall,
  BrokerHeartbeatCall__Output as _sluice_v1_BrokerHeartbeatCall__Output,
} from '../../sluice/v1/BrokerHeartbeatCall.ts'
import type {
  RegisterBrokerAnswer as _sluice_v1_RegisterBrokerAnswer,
  RegisterBrokerAnswer__Output as _sluice_v1_RegisterBrokerAnswer__Output,
} from '../../sluice/v1/RegisterBrokerAnswer.ts'
import type {
  RegisterBrokerRequest as _sluice_v1_RegisterBrokerRequest,
  RegisterBrokerRequest__Output as _sluice_v1_RegisterBrokerRequest__Output,
} from '../../sluice/v1/RegisterBrokerRequest.ts'

export interface ControllerDefinition {
  AllocateProducerIds: MethodDefinition<
    _sluice_v1_AllocateProducerIdsRequest,
    _sluice_v1_AllocateProducerIdsAnswer,
    _sluice_v1_AllocateProducerIdsRequest__Output,
    _sluice_v1_AllocateProducerIdsAnswer__Output
  >
  AlterPartition: MethodDefinition<
    _sluice_v1_AlterPartitionRequest,
    _sluice_v1_AlterPartitionAnswer,
    _sluice_v1_AlterPartitionRequest__Output,
    _sluice_v1_AlterPartitionAnswer__Output
  >
  Heartbeat: MethodDefinition<
    _sluice_v1_BrokerHeartbeatCall,
    _sluice_v1_BrokerHeartbeatAnswer,
    _sluice_v1_BrokerHeartbeatCall__Output,
    _sluice_v1_BrokerHeartbeatAnswer__Output
  >
  RegisterBroker: MethodDefinition<
    _sluice_v1_RegisterBrokerRequest,
    _sluice_v1_RegisterBrokerAnswer,
    _sluice_v1_RegisterBrokerRequest__Output,
    _sluice_v1_RegisterBrokerAnswer__Output
  >
}
