/** The service Cluster, what concerns log directories: core/api ⇄ generated message types. */
import type { DescribedLogDir } from '../../../core/api/log-directories.ts'
import { readDirectoryId, readOffset, readPartition } from '../codec/named.ts'
import type {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsRequest__Output,
} from '../gen/sluice/v1/AlterReplicaLogDirsRequest.ts'
import type {
  AlterReplicaLogDirsResponse,
  AlterReplicaLogDirsResponse__Output,
} from '../gen/sluice/v1/AlterReplicaLogDirsResponse.ts'
import type { DescribedLogDir__Output } from '../gen/sluice/v1/DescribedLogDir.ts'
import type {
  DescribeLogDirsRequest,
  DescribeLogDirsRequest__Output,
} from '../gen/sluice/v1/DescribeLogDirsRequest.ts'
import type {
  DescribeLogDirsResponse,
  DescribeLogDirsResponse__Output,
} from '../gen/sluice/v1/DescribeLogDirsResponse.ts'
import { errorIn, errorOut } from './envelope.ts'
import { mapThroughProto, type Place } from './mapping.ts'

const place = (method: string): Place => ({
  file: 'cluster',
  service: 'sluice.v1.Cluster',
  method,
  kind: 'unary',
})

const statesOut = {
  online: 'LOG_DIR_STATE_ONLINE',
  low: 'LOG_DIR_STATE_LOW',
  full: 'LOG_DIR_STATE_FULL',
  offline: 'LOG_DIR_STATE_OFFLINE',
} as const

const statesIn = {
  LOG_DIR_STATE_ONLINE: 'online',
  LOG_DIR_STATE_LOW: 'low',
  LOG_DIR_STATE_FULL: 'full',
  LOG_DIR_STATE_OFFLINE: 'offline',
} as const

/** DescribeLogDirs. */
export const describeLogDirs = mapThroughProto<
  'describe-log-dirs',
  DescribeLogDirsRequest,
  DescribeLogDirsRequest__Output,
  DescribeLogDirsResponse,
  DescribeLogDirsResponse__Output
>(place('DescribeLogDirs'), 'DescribeLogDirs', {
  requestOut: ({ topics }) => (topics === undefined ? { all: true } : { topics: [...topics] }),
  requestIn: ({ all, topics }) => (all ? {} : { topics }),
  responseOut: ({ directories }) => ({
    directories: directories.map(({ state, logs, ...directory }) => ({
      ...directory,
      state: statesOut[state],
      logs: [...logs],
    })),
  }),
  responseIn: ({ directories }) => ({ directories: directories.map(directoryIn) }),
})

/** AlterReplicaLogDirs. */
export const alterReplicaLogDirs = mapThroughProto<
  'alter-replica-log-dirs',
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsRequest__Output,
  AlterReplicaLogDirsResponse,
  AlterReplicaLogDirsResponse__Output
>(place('AlterReplicaLogDirs'), 'AlterReplicaLogDirs', {
  requestOut: ({ moves }) => ({ moves: [...moves] }),
  requestIn: ({ moves }) => ({
    moves: moves.map(({ topic, partition, path }) => ({
      ...{ topic, path },
      partition: readPartition(partition),
    })),
  }),
  responseOut: ({ moves }) => ({
    moves: moves.map(({ topic, partition, error }) => ({ topic, partition, ...errorOut(error) })),
  }),
  responseIn: ({ moves }) => ({
    moves: moves.map(({ topic, partition, error }) => ({
      topic,
      partition: readPartition(partition),
      ...errorIn(error),
    })),
  }),
})

function directoryIn(message: DescribedLogDir__Output): DescribedLogDir {
  const { path, directoryId, state, disk, logs } = message
  return {
    path,
    ...(directoryId !== undefined && { directoryId: readDirectoryId(directoryId) }),
    state: statesIn[state],
    ...(disk !== null && { disk }),
    logs: logs.map(({ partition, endOffset, ...log }) => ({
      ...log,
      partition: readPartition(partition),
      endOffset: readOffset(endOffset),
    })),
  }
}
