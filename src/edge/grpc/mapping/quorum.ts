/** The service Quorum: core/api ⇄ generated message types. */
import type { ErrorCode } from '../../../core/api/error-code.ts'
import type { QuorumLeader, QuorumReplica, ReplicaKey } from '../../../core/api/quorum.ts'
import { concatBytes } from '../../../base/bytes.ts'
import {
  readClusterId,
  readDirectoryId,
  readEpoch,
  readNodeId,
  readOffset,
} from '../codec/named.ts'
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochRequest__Output,
} from '../gen/sluice/v1/BeginQuorumEpochRequest.ts'
import type {
  BeginQuorumEpochResponse,
  BeginQuorumEpochResponse__Output,
} from '../gen/sluice/v1/BeginQuorumEpochResponse.ts'
import type {
  DescribeQuorumRequest,
  DescribeQuorumRequest__Output,
} from '../gen/sluice/v1/DescribeQuorumRequest.ts'
import type {
  DescribeQuorumResponse,
  DescribeQuorumResponse__Output,
} from '../gen/sluice/v1/DescribeQuorumResponse.ts'
import type {
  EndQuorumEpochRequest,
  EndQuorumEpochRequest__Output,
} from '../gen/sluice/v1/EndQuorumEpochRequest.ts'
import type {
  EndQuorumEpochResponse,
  EndQuorumEpochResponse__Output,
} from '../gen/sluice/v1/EndQuorumEpochResponse.ts'
import type {
  QuorumFetchRequest,
  QuorumFetchRequest__Output,
} from '../gen/sluice/v1/QuorumFetchRequest.ts'
import type {
  QuorumFetchResponse,
  QuorumFetchResponse__Output,
} from '../gen/sluice/v1/QuorumFetchResponse.ts'
import type {
  QuorumLeader as WireQuorumLeader,
  QuorumLeader__Output,
} from '../gen/sluice/v1/QuorumLeader.ts'
import type { QuorumReplica__Output } from '../gen/sluice/v1/QuorumReplica.ts'
import type { Refusal as WireRefusal, Refusal__Output } from '../gen/sluice/v1/Refusal.ts'
import type { ReplicaKey__Output } from '../gen/sluice/v1/ReplicaKey.ts'
import type { VoteRequest, VoteRequest__Output } from '../gen/sluice/v1/VoteRequest.ts'
import type { VoteResponse, VoteResponse__Output } from '../gen/sluice/v1/VoteResponse.ts'
import { codeIn, endpointIn, endpointOut, errorOut, required } from './envelope.ts'
import { mapThroughProto, type Place } from './mapping.ts'

const place = (method: string, kind: Place['kind'] = 'unary'): Place => ({
  file: 'quorum',
  service: 'sluice.v1.Quorum',
  method,
  kind,
})

/** Vote. */
export const vote = mapThroughProto<
  'vote',
  VoteRequest,
  VoteRequest__Output,
  VoteResponse,
  VoteResponse__Output
>(place('Vote'), 'Vote', {
  requestOut: (request) => ({ ...request }),
  requestIn: (message) => ({
    clusterId: readClusterId(message.clusterId),
    candidate: keyIn(message.candidate),
    voter: keyIn(message.voter),
    epoch: readEpoch(message.epoch),
    lastEpoch: readEpoch(message.lastEpoch),
    lastOffset: readOffset(message.lastOffset),
    isPreVote: message.isPreVote,
  }),
  responseOut: ({ error, leader, isGranted }) => ({
    ...codeOut(error),
    leader: leaderOut(leader),
    isGranted,
  }),
  responseIn: ({ error, leader, isGranted }) => ({
    ...errorCodeIn(error),
    leader: leaderIn(leader),
    isGranted,
  }),
})

/** BeginQuorumEpoch. */
export const beginQuorumEpoch = mapThroughProto<
  'begin-quorum-epoch',
  BeginQuorumEpochRequest,
  BeginQuorumEpochRequest__Output,
  BeginQuorumEpochResponse,
  BeginQuorumEpochResponse__Output
>(place('BeginQuorumEpoch'), 'BeginQuorumEpoch', {
  requestOut: ({ leaderEndpoint, ...request }) => ({
    ...request,
    ...(leaderEndpoint && { leaderEndpoint: endpointOut(leaderEndpoint) }),
  }),
  requestIn: ({ clusterId, voter, leaderId, leaderEpoch, leaderEndpoint }) => ({
    clusterId: readClusterId(clusterId),
    voter: keyIn(voter),
    leaderId: readNodeId(leaderId),
    leaderEpoch: readEpoch(leaderEpoch),
    ...(leaderEndpoint && { leaderEndpoint: endpointIn(leaderEndpoint) }),
  }),
  responseOut: ({ error, leader }) => ({ ...codeOut(error), leader: leaderOut(leader) }),
  responseIn: ({ error, leader }) => ({ ...errorCodeIn(error), leader: leaderIn(leader) }),
})

/** EndQuorumEpoch. */
export const endQuorumEpoch = mapThroughProto<
  'end-quorum-epoch',
  EndQuorumEpochRequest,
  EndQuorumEpochRequest__Output,
  EndQuorumEpochResponse,
  EndQuorumEpochResponse__Output
>(place('EndQuorumEpoch'), 'EndQuorumEpoch', {
  requestOut: ({ preferredSuccessors, ...request }) => ({
    ...request,
    preferredSuccessors: [...preferredSuccessors],
  }),
  requestIn: ({ clusterId, leaderId, leaderEpoch, preferredSuccessors }) => ({
    clusterId: readClusterId(clusterId),
    leaderId: readNodeId(leaderId),
    leaderEpoch: readEpoch(leaderEpoch),
    preferredSuccessors: preferredSuccessors.map(keyIn),
  }),
  responseOut: ({ error, leader }) => ({ ...codeOut(error), leader: leaderOut(leader) }),
  responseIn: ({ error, leader }) => ({ ...errorCodeIn(error), leader: leaderIn(leader) }),
})

/** Fetch. */
export const quorumFetch = mapThroughProto<
  'quorum-fetch',
  QuorumFetchRequest,
  QuorumFetchRequest__Output,
  QuorumFetchResponse,
  QuorumFetchResponse__Output
>(place('Fetch', 'stream'), 'QuorumFetch', {
  requestOut: (request) => ({ ...request }),
  requestIn: (message) => ({
    clusterId: readClusterId(message.clusterId),
    replica: keyIn(message.replica),
    currentEpoch: readEpoch(message.currentEpoch),
    fetchOffset: readOffset(message.fetchOffset),
    lastFetchedEpoch: readEpoch(message.lastFetchedEpoch),
    highWatermark: readOffset(message.highWatermark),
    waitMsMax: message.waitMsMax,
    bytesMax: message.bytesMax,
  }),
  responseOut: ({ error, leader, records, ...response }) => ({
    ...response,
    ...codeOut(error),
    leader: leaderOut(leader),
    records: concatBytes(records),
  }),
  responseIn: ({ error, leader, highWatermark, logStartOffset, diverging, records }) => ({
    ...errorCodeIn(error),
    leader: leaderIn(leader),
    highWatermark: readOffset(highWatermark),
    logStartOffset: readOffset(logStartOffset),
    ...(diverging && {
      diverging: {
        epoch: readEpoch(diverging.epoch),
        endOffset: readOffset(diverging.endOffset),
      },
    }),
    records: records.length === 0 ? [] : [records],
  }),
})

/** DescribeQuorum. */
export const describeQuorum = mapThroughProto<
  'describe-quorum',
  DescribeQuorumRequest,
  DescribeQuorumRequest__Output,
  DescribeQuorumResponse,
  DescribeQuorumResponse__Output
>(place('DescribeQuorum'), 'DescribeQuorum', {
  requestOut: () => ({}),
  requestIn: () => ({}),
  responseOut: ({ voters, observers, ...response }) => ({
    ...response,
    voters: [...voters],
    observers: [...observers],
  }),
  responseIn: ({ leaderId, epoch, highWatermark, voters, observers }) => ({
    leaderId: readNodeId(leaderId),
    epoch: readEpoch(epoch),
    highWatermark: readOffset(highWatermark),
    voters: voters.map(replicaIn),
    observers: observers.map(replicaIn),
  }),
})

function keyIn(message: ReplicaKey__Output | null): ReplicaKey {
  const { nodeId, directoryId } = required(message, 'the replica')
  return { nodeId: readNodeId(nodeId), directoryId: readDirectoryId(directoryId) }
}

function leaderOut({ epoch, leaderId, leaderEndpoint }: QuorumLeader): WireQuorumLeader {
  return {
    epoch,
    ...(leaderId !== undefined && { leaderId }),
    ...(leaderEndpoint && { leaderEndpoint: endpointOut(leaderEndpoint) }),
  }
}

function leaderIn(message: QuorumLeader__Output | null): QuorumLeader {
  const { epoch, leaderId, leaderEndpoint } = required(message, 'the leader')
  return {
    epoch: readEpoch(epoch),
    ...(leaderId !== undefined && { leaderId: readNodeId(leaderId) }),
    ...(leaderEndpoint && { leaderEndpoint: endpointIn(leaderEndpoint) }),
  }
}

function replicaIn(message: QuorumReplica__Output): QuorumReplica {
  const { nodeId, directoryId, logEndOffset, lagMs, lastFetchMs } = message
  return {
    nodeId: readNodeId(nodeId),
    directoryId: readDirectoryId(directoryId),
    logEndOffset: readOffset(logEndOffset),
    lagMs,
    lastFetchMs,
  }
}

function codeOut(code: ErrorCode | undefined): { readonly error?: WireRefusal } {
  return errorOut(code === undefined ? undefined : { code, message: '' })
}

function errorCodeIn(message: Refusal__Output | null): { readonly error?: ErrorCode } {
  return message === null ? {} : { error: codeIn(message.code) }
}
