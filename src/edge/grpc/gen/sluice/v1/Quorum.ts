// Original file: sluice/v1/quorum.proto

import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  BeginQuorumEpochAnswer as _sluice_v1_BeginQuorumEpochAnswer,
  BeginQuorumEpochAnswer__Output as _sluice_v1_BeginQuorumEpochAnswer__Output,
} from '../../sluice/v1/BeginQuorumEpochAnswer.ts'
import type {
  BeginQuorumEpochRequest as _sluice_v1_BeginQuorumEpochRequest,
  BeginQuorumEpochRequest__Output as _sluice_v1_BeginQuorumEpochRequest__Output,
} from '../../sluice/v1/BeginQuorumEpochRequest.ts'
import type {
  DescribeQuorumAnswer as _sluice_v1_DescribeQuorumAnswer,
  DescribeQuorumAnswer__Output as _sluice_v1_DescribeQuorumAnswer__Output,
} from '../../sluice/v1/DescribeQuorumAnswer.ts'
import type {
  DescribeQuorumRequest as _sluice_v1_DescribeQuorumRequest,
  DescribeQuorumRequest__Output as _sluice_v1_DescribeQuorumRequest__Output,
} from '../../sluice/v1/DescribeQuorumRequest.ts'
import type {
  EndQuorumEpochAnswer as _sluice_v1_EndQuorumEpochAnswer,
  EndQuorumEpochAnswer__Output as _sluice_v1_EndQuorumEpochAnswer__Output,
} from '../../sluice/v1/EndQuorumEpochAnswer.ts'
import type {
  EndQuorumEpochRequest as _sluice_v1_EndQuorumEpochRequest,
  EndQuorumEpochRequest__Output as _sluice_v1_EndQuorumEpochRequest__Output,
} from '../../sluice/v1/EndQuorumEpochRequest.ts'
import type {
  QuorumFetchAnswer as _sluice_v1_QuorumFetchAnswer,
  QuorumFetchAnswer__Output as _sluice_v1_QuorumFetchAnswer__Output,
} from '../../sluice/v1/QuorumFetchAnswer.ts'
import type {
  QuorumFetchCall as _sluice_v1_QuorumFetchCall,
  QuorumFetchCall__Output as _sluice_v1_QuorumFetchCall__Output,
} from '../../sluice/v1/QuorumFetchCall.ts'
import type {
  VoteAnswer as _sluice_v1_VoteAnswer,
  VoteAnswer__Output as _sluice_v1_VoteAnswer__Output,
} from '../../sluice/v1/VoteAnswer.ts'
import type {
  VoteRequest as _sluice_v1_VoteRequest,
  VoteRequest__Output as _sluice_v1_VoteRequest__Output,
} from '../../sluice/v1/VoteRequest.ts'

export interface QuorumDefinition {
  BeginQuorumEpoch: MethodDefinition<
    _sluice_v1_BeginQuorumEpochRequest,
    _sluice_v1_BeginQuorumEpochAnswer,
    _sluice_v1_BeginQuorumEpochRequest__Output,
    _sluice_v1_BeginQuorumEpochAnswer__Output
  >
  DescribeQuorum: MethodDefinition<
    _sluice_v1_DescribeQuorumRequest,
    _sluice_v1_DescribeQuorumAnswer,
    _sluice_v1_DescribeQuorumRequest__Output,
    _sluice_v1_DescribeQuorumAnswer__Output
  >
  EndQuorumEpoch: MethodDefinition<
    _sluice_v1_EndQuorumEpochRequest,
    _sluice_v1_EndQuorumEpochAnswer,
    _sluice_v1_EndQuorumEpochRequest__Output,
    _sluice_v1_EndQuorumEpochAnswer__Output
  >
  Fetch: MethodDefinition<
    _sluice_v1_QuorumFetchCall,
    _sluice_v1_QuorumFetchAnswer,
    _sluice_v1_QuorumFetchCall__Output,
    _sluice_v1_QuorumFetchAnswer__Output
  >
  Vote: MethodDefinition<
    _sluice_v1_VoteRequest,
    _sluice_v1_VoteAnswer,
    _sluice_v1_VoteRequest__Output,
    _sluice_v1_VoteAnswer__Output
  >
}
