// Original file: sluice/v1/cluster.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  AlterConfigsAnswer as _sluice_v1_AlterConfigsAnswer,
  AlterConfigsAnswer__Output as _sluice_v1_AlterConfigsAnswer__Output,
} from '../../sluice/v1/AlterConfigsAnswer.ts'
import type {
  AlterConfigsRequest as _sluice_v1_AlterConfigsRequest,
  AlterConfigsRequest__Output as _sluice_v1_AlterConfigsRequest__Output,
} from '../../sluice/v1/AlterConfigsRequest.ts'
import type {
  AlterReplicaLogDirsAnswer as _sluice_v1_AlterReplicaLogDirsAnswer,
  AlterReplicaLogDirsAnswer__Output as _sluice_v1_AlterReplicaLogDirsAnswer__Output,
} from '../../sluice/v1/AlterReplicaLogDirsAnswer.ts'
import type {
  AlterReplicaLogDirsRequest as _sluice_v1_AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsRequest__Output as _sluice_v1_AlterReplicaLogDirsRequest__Output,
} from '../../sluice/v1/AlterReplicaLogDirsRequest.ts'
import type {
  CreatePartitionsAnswer as _sluice_v1_CreatePartitionsAnswer,
  CreatePartitionsAnswer__Output as _sluice_v1_CreatePartitionsAnswer__Output,
} from '../../sluice/v1/CreatePartitionsAnswer.ts'
import type {
  CreatePartitionsRequest as _sluice_v1_CreatePartitionsRequest,
  CreatePartitionsRequest__Output as _sluice_v1_CreatePartitionsRequest__Output,
} from '../../sluice/v1/CreatePartitionsRequest.ts'
import type {
  CreateTopicsAnswer as _sluice_v1_CreateTopicsAnswer,
  CreateTopicsAnswer__Output as _sluice_v1_CreateTopicsAnswer__Output,
} from '../../sluice/v1/CreateTopicsAnswer.ts'
import type {
  CreateTopicsRequest as _sluice_v1_CreateTopicsRequest,
  CreateTopicsRequest__Output as _sluice_v1_CreateTopicsRequest__Output,
} from '../../sluice/v1/CreateTopicsRequest.ts'
import type {
  DeleteTopicsAnswer as _sluice_v1_DeleteTopicsAnswer,
  DeleteTopicsAnswer__Output as _sluice_v1_DeleteTopicsAnswer__Output,
} from '../../sluice/v1/DeleteTopicsAnswer.ts'
import type {
  DeleteTopicsRequest as _sluice_v1_DeleteTopicsRequest,
  DeleteTopicsRequest__Output as _sluice_v1_DeleteTopicsRequest__Output,
} from '../../sluice/v1/DeleteTopicsRequest.ts'
import type {
  DescribeConfigsAnswer as _sluice_v1_DescribeConfigsAnswer,
  DescribeConfigsAnswer__Output as _sluice_v1_DescribeConfigsAnswer__Output,
} from '../../sluice/v1/DescribeConfigsAnswer.ts'
import type {
  DescribeConfigsRequest as _sluice_v1_DescribeConfigsRequest,
  DescribeConfigsRequest__Output as _sluice_v1_DescribeConfigsRequest__Output,
} from '../../sluice/v1/DescribeConfigsRequest.ts'
import type {
  DescribeLogDirsAnswer as _sluice_v1_DescribeLogDirsAnswer,
  DescribeLogDirsAnswer__Output as _sluice_v1_DescribeLogDirsAnswer__Output,
} from '../../sluice/v1/DescribeLogDirsAnswer.ts'
import type {
  DescribeLogDirsRequest as _sluice_v1_DescribeLogDirsRequest,
  DescribeLogDirsRequest__Output as _sluice_v1_DescribeLogDirsRequest__Output,
} from '../../sluice/v1/DescribeLogDirsRequest.ts'
import type {
  ElectLeadersAnswer as _sluice_v1_ElectLeadersAnswer,
  ElectLeadersAnswer__Output as _sluice_v1_ElectLeadersAnswer__Output,
} from '../../sluice/v1/ElectLeadersAnswer.ts'
import type {
  ElectLeadersRequest as _sluice_v1_ElectLeadersRequest,
  ElectLeadersRequest__Output as _sluice_v1_ElectLeadersRequest__Output,
} from '../../sluice/v1/ElectLeadersRequest.ts'
import type {
  MetadataAnswer as _sluice_v1_MetadataAnswer,
  MetadataAnswer__Output as _sluice_v1_MetadataAnswer__Output,
} from '../../sluice/v1/MetadataAnswer.ts'
import type {
  MetadataRequest as _sluice_v1_MetadataRequest,
  MetadataRequest__Output as _sluice_v1_MetadataRequest__Output,
} from '../../sluice/v1/MetadataRequest.ts'

export interface ClusterDefinition {
  AlterConfigs: MethodDefinition<
    _sluice_v1_AlterConfigsRequest,
    _sluice_v1_AlterConfigsAnswer,
    _sluice_v1_AlterConfigsRequest__Output,
    _sluice_v1_AlterConfigsAnswer__Output
  >
  AlterReplicaLogDirs: MethodDefinition<
    _sluice_v1_AlterReplicaLogDirsRequest,
    _sluice_v1_AlterReplicaLogDirsAnswer,
    _sluice_v1_AlterReplicaLogDirsRequest__Output,
    _sluice_v1_AlterReplicaLogDirsAnswer__Output
  >
  CreatePartitions: MethodDefinition<
    _sluice_v1_CreatePartitionsRequest,
    _sluice_v1_CreatePartitionsAnswer,
    _sluice_v1_CreatePartitionsRequest__Output,
    _sluice_v1_CreatePartitionsAnswer__Output
  >
  CreateTopics: MethodDefinition<
    _sluice_v1_CreateTopicsRequest,
    _sluice_v1_CreateTopicsAnswer,
    _sluice_v1_CreateTopicsRequest__Output,
    _sluice_v1_CreateTopicsAnswer__Output
  >
  DeleteTopics: MethodDefinition<
    _sluice_v1_DeleteTopicsRequest,
    _sluice_v1_DeleteTopicsAnswer,
    _sluice_v1_DeleteTopicsRequest__Output,
    _sluice_v1_DeleteTopicsAnswer__Output
  >
  DescribeConfigs: MethodDefinition<
    _sluice_v1_DescribeConfigsRequest,
    _sluice_v1_DescribeConfigsAnswer,
    _sluice_v1_DescribeConfigsRequest__Output,
    _sluice_v1_DescribeConfigsAnswer__Output
  >
  DescribeLogDirs: MethodDefinition<
    _sluice_v1_DescribeLogDirsRequest,
    _sluice_v1_DescribeLogDirsAnswer,
    _sluice_v1_DescribeLogDirsRequest__Output,
    _sluice_v1_DescribeLogDirsAnswer__Output
  >
  DescribeMetadata: MethodDefinition<
    _sluice_v1_MetadataRequest,
    _sluice_v1_MetadataAnswer,
    _sluice_v1_MetadataRequest__Output,
    _sluice_v1_MetadataAnswer__Output
  >
  ElectLeaders: MethodDefinition<
    _sluice_v1_ElectLeadersRequest,
    _sluice_v1_ElectLeadersAnswer,
    _sluice_v1_ElectLeadersRequest__Output,
    _sluice_v1_ElectLeadersAnswer__Output
  >
}
