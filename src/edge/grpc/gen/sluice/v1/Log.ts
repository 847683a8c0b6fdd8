// Original file: sluice/v1/log.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  DeleteRecordsAnswer as _sluice_v1_DeleteRecordsAnswer,
  DeleteRecordsAnswer__Output as _sluice_v1_DeleteRecordsAnswer__Output,
} from '../../sluice/v1/DeleteRecordsAnswer.ts'
import type {
  DeleteRecordsRequest as _sluice_v1_DeleteRecordsRequest,
  DeleteRecordsRequest__Output as _sluice_v1_DeleteRecordsRequest__Output,
} from '../../sluice/v1/DeleteRecordsRequest.ts'
import type {
  FetchAnswer as _sluice_v1_FetchAnswer,
  FetchAnswer__Output as _sluice_v1_FetchAnswer__Output,
} from '../../sluice/v1/FetchAnswer.ts'
import type {
  FetchCall as _sluice_v1_FetchCall,
  FetchCall__Output as _sluice_v1_FetchCall__Output,
} from '../../sluice/v1/FetchCall.ts'
import type {
  InitProducerIdAnswer as _sluice_v1_InitProducerIdAnswer,
  InitProducerIdAnswer__Output as _sluice_v1_InitProducerIdAnswer__Output,
} from '../../sluice/v1/InitProducerIdAnswer.ts'
import type {
  InitProducerIdRequest as _sluice_v1_InitProducerIdRequest,
  InitProducerIdRequest__Output as _sluice_v1_InitProducerIdRequest__Output,
} from '../../sluice/v1/InitProducerIdRequest.ts'
import type {
  ListOffsetsAnswer as _sluice_v1_ListOffsetsAnswer,
  ListOffsetsAnswer__Output as _sluice_v1_ListOffsetsAnswer__Output,
} from '../../sluice/v1/ListOffsetsAnswer.ts'
import type {
  ListOffsetsRequest as _sluice_v1_ListOffsetsRequest,
  ListOffsetsRequest__Output as _sluice_v1_ListOffsetsRequest__Output,
} from '../../sluice/v1/ListOffsetsRequest.ts'
import type {
  ProduceAnswer as _sluice_v1_ProduceAnswer,
  ProduceAnswer__Output as _sluice_v1_ProduceAnswer__Output,
} from '../../sluice/v1/ProduceAnswer.ts'
import type {
  ProduceCall as _sluice_v1_ProduceCall,
  ProduceCall__Output as _sluice_v1_ProduceCall__Output,
} from '../../sluice/v1/ProduceCall.ts'
import type {
  PublishAnswer as _sluice_v1_PublishAnswer,
  PublishAnswer__Output as _sluice_v1_PublishAnswer__Output,
} from '../../sluice/v1/PublishAnswer.ts'
import type {
  PublishRequest as _sluice_v1_PublishRequest,
  PublishRequest__Output as _sluice_v1_PublishRequest__Output,
} from '../../sluice/v1/PublishRequest.ts'
import type {
  SubscribeAnswer as _sluice_v1_SubscribeAnswer,
  SubscribeAnswer__Output as _sluice_v1_SubscribeAnswer__Output,
} from '../../sluice/v1/SubscribeAnswer.ts'
import type {
  SubscribeRequest as _sluice_v1_SubscribeRequest,
  SubscribeRequest__Output as _sluice_v1_SubscribeRequest__Output,
} from '../../sluice/v1/SubscribeRequest.ts'

export interface LogDefinition {
  DeleteRecords: MethodDefinition<
    _sluice_v1_DeleteRecordsRequest,
    _sluice_v1_DeleteRecordsAnswer,
    _sluice_v1_DeleteRecordsRequest__Output,
    _sluice_v1_DeleteRecordsAnswer__Output
  >
  Fetch: MethodDefinition<
    _sluice_v1_FetchCall,
    _sluice_v1_FetchAnswer,
    _sluice_v1_FetchCall__Output,
    _sluice_v1_FetchAnswer__Output
  >
  InitProducerId: MethodDefinition<
    _sluice_v1_InitProducerIdRequest,
    _sluice_v1_InitProducerIdAnswer,
    _sluice_v1_InitProducerIdRequest__Output,
    _sluice_v1_InitProducerIdAnswer__Output
  >
  ListOffsets: MethodDefinition<
    _sluice_v1_ListOffsetsRequest,
    _sluice_v1_ListOffsetsAnswer,
    _sluice_v1_ListOffsetsRequest__Output,
    _sluice_v1_ListOffsetsAnswer__Output
  >
  Produce: MethodDefinition<
    _sluice_v1_ProduceCall,
    _sluice_v1_ProduceAnswer,
    _sluice_v1_ProduceCall__Output,
    _sluice_v1_ProduceAnswer__Output
  >
  Publish: MethodDefinition<
    _sluice_v1_PublishRequest,
    _sluice_v1_PublishAnswer,
    _sluice_v1_PublishRequest__Output,
    _sluice_v1_PublishAnswer__Output
  >
  Subscribe: MethodDefinition<
    _sluice_v1_SubscribeRequest,
    _sluice_v1_SubscribeAnswer,
    _sluice_v1_SubscribeRequest__Output,
    _sluice_v1_SubscribeAnswer__Output
  >
}
